//go:build !purego

package kernel

import (
	"unsafe"

	asm "github.com/riffle-ml/riffle/asm/avx2"
)

// A GEMM with factors multiplies by them as it packs strips into its panel, which it has
// for this even where it would be as fast without. The last pixel alone, which is not
// packed otherwise, lies behind the strips.

// avx2FactorsLen is a panel with room for that pixel.
func avx2FactorsLen(m, k, n int) int {
	strip := k * avx2Tile(m, n).Cols
	if k > len(ascending) || strip > panelMost {
		return -1
	}
	return max(strip, avx2PanelLen(m, k, n)) + k
}

func avx2PackScaled(g *GEMM, to *float32, v, off int) {
	switch v {
	case 3:
		asm.PackScaled24(to, &g.Mem[0], &g.B[0], &g.Factors[0], g.K, off)
	case 2:
		asm.PackScaled16(to, &g.Mem[0], &g.B[0], &g.Factors[0], g.K, off)
	default:
		asm.PackScaled8(to, &g.Mem[0], &g.B[0], &g.Factors[0], g.K, off)
	}
}

// avx2PackColumn packs the last pixel.
func avx2PackColumn(g *GEMM) {
	to, at := g.Panel[len(g.Panel)-g.K:], g.BOff+g.N-1
	for k, off := range g.B[:g.K] {
		to[k] = g.Mem[int(off)+at] * g.Factors[k]
	}
}

// ascending is a table of pixels that follow one another.
var ascending = func() (t [4096]int32) {
	for i := range t {
		t[i] = int32(i)
	}
	return t
}()

// avx2Column is the table and the offset from Mem, in bytes, of the packed last pixel.
// Where the panel is not a part of Mem the offset leads there all the same.
func avx2Column(g *GEMM) (b *int32, boff int) {
	at := &g.Panel[len(g.Panel)-g.K]
	return &ascending[0], int(uintptr(unsafe.Pointer(at)) - uintptr(unsafe.Pointer(&g.Mem[0])))
}
