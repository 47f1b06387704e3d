//go:build !purego

package kernel

import (
	"unsafe"

	"github.com/klauspost/cpuid/v2"
	asm "github.com/riffle-ml/riffle/asm/neon"
)

// neonHalves gives s the product in float16 arithmetic where the processor has it
// (FEAT_FP16, Armv8.2 and later).
func neonHalves(s *Set) {
	if !cpuid.CPU.Supports(cpuid.ASIMDHP) {
		s.halfLacks = "FEAT_FP16 (asimdhp)"
		return
	}
	s.halfGEMM = own(neonHalfGEMM, always[HalfGEMM]("halfgemm4x16_neon"))
	if cpuid.CPU.Supports(cpuid.FHM) {
		s.halfGEMM = own(neonHalfGEMMLong, always[HalfGEMM]("halfgemmlong4x16_neon"))
	}
	s.halfPanel = neonHalfPanelLen
}

// neonHalfPanel is about how many binary16 a panel has: 128 KiB, a quarter of an L2 of 512
// KiB.
const neonHalfPanel = 64 << 10

// neonHalfPanelLen has room for as many strips as a panel should hold, at least one. Two
// binary16 lie in an element.
func neonHalfPanelLen(k, n int) int {
	strip := k * HalfCols
	return strip / 2 * min(max(1, neonHalfPanel/strip), (n+HalfCols-1)/HalfCols)
}

func neonHalfGEMM(g *HalfGEMM) { g.neon(false) }

// neonHalfGEMMLong needs FEAT_FHM, and has the same bits.
func neonHalfGEMMLong(g *HalfGEMM) { g.neon(true) }

// neon packs as many strips of pixels as the panel holds, computes all output channels of
// these, a block of rows after another, and goes on with the next strips.
func (g *HalfGEMM) neon(long bool) {
	strip := g.K * HalfCols / 2 // elements of the panel
	strips := len(g.Panel) / strip
	if strips == 0 {
		refHalfGEMM(g)
		return
	}
	for p0 := 0; p0 < g.N; {
		p1 := min(g.N, p0+strips*HalfCols)
		for p := p0; p < p1; p += HalfCols {
			to, off := halvesAt(g.Panel[(p-p0)/HalfCols*strip:]), 4*(g.BOff+p)
			if g.N-p > 8 {
				asm.HalfPack16(to, &g.Mem[0], &g.B[0], g.K, off)
			} else {
				asm.HalfPack8(to, &g.Mem[0], &g.B[0], g.K, off)
			}
		}
		g.strips(p0, p1, strip, long)
		p0 = p1
	}
}

// halvesAt is where the memory of v, read as binary16, begins.
func halvesAt(v []float32) *uint16 { return (*uint16)(unsafe.Pointer(&v[0])) }

// strips computes the pixels from p0 to p1, whose strips lie in the panel, each so many
// elements long.
func (g *HalfGEMM) strips(p0, p1, strip int, long bool) {
	rows := GEMM{Tile: Tile{HalfRows, HalfCols}, K: g.K, Epilogue: g.Epilogue} // for its blocks
	block := rows.block()
	act, lo, hi := g.Act.arguments()
	for m0 := 0; m0 < g.M; m0 += block {
		m := min(block, g.M-m0)
		r, bias, scale := rows.pointers(m0)
		for p := p0; p < p1; p += HalfCols {
			mem, a, c, scales, coff, roff := &g.Mem[0], &g.A[m0*g.K], &g.C[m0], &g.Scales[m0], 4*(g.COff+p), 4*(g.ROff+p)
			panel := halvesAt(g.Panel[(p-p0)/HalfCols*strip:])
			switch wide := g.N-p > 8; {
			case wide && long:
				asm.HalfGEMMLong4x16(mem, a, panel, c, r, scales, bias, scale, m, g.K, coff, roff, act, lo, hi)
			case wide:
				asm.HalfGEMM4x16(mem, a, panel, c, r, scales, bias, scale, m, g.K, coff, roff, act, lo, hi)
			case long:
				asm.HalfGEMMLong4x8(mem, a, panel, c, r, scales, bias, scale, m, g.K, coff, roff, act, lo, hi)
			default:
				asm.HalfGEMM4x8(mem, a, panel, c, r, scales, bias, scale, m, g.K, coff, roff, act, lo, hi)
			}
		}
	}
}
