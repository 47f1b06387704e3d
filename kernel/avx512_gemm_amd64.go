//go:build !purego

package kernel

import (
	"unsafe"

	asm "github.com/riffle-ml/riffle/asm/avx512"
)

// avx512GEMM goes over all strips with a block of rows, then with the next block. With
// a panel it packs as many strips as that holds, computes all rows of them, and goes on
// with the next strips.
func avx512GEMM(g *GEMM) {
	if g.Tile != avx512Tile {
		refGEMM(g)
		return
	}
	width, panel := width512(g.K, halves512), len(g.Panel) >= 16*g.K
	if panel {
		width = 16
	}
	block := g.block()
	for from, to := 0, g.N; from < g.N; from, to = to, g.N {
		if panel {
			to = avx512Pack(g, from)
		}
		for m0 := 0; m0 < g.M; m0 += block {
			c := newCall512(g, m0, min(block, g.M-m0))
			at := 0
			for p := from; p < to; {
				s, n := g.next512(width, p)
				if panel && !s.columns() {
					c.packed(s, &g.Panel[at], p, n)
					at += g.K * s.lanes()
				} else {
					c.fetching(s, g)
					c.strip(s, p, n)
				}
				p += n
			}
		}
	}
}

// next512 is the strip from pixel p on. What is multiplied by factors is packed, and so no
// strip of columns.
func (g *GEMM) next512(width, p int) (s strip512, n int) {
	s, n = next512(width, g.N-p, halves512)
	if g.Factors != nil && s.columns() {
		s = tail8
	}
	return s, n
}

// avx512Pack copies strips from pixel p on into the panel, and returns where those that
// it has no room for begin.
func avx512Pack(g *GEMM, p int) int {
	for at := 0; p < g.N; {
		s, n := g.next512(16, p)
		if s.columns() {
			p += n
			continue
		}
		if at+g.K*s.lanes() > len(g.Panel) {
			break
		}
		to, off, mask := &g.Panel[at], 4*(g.BOff+p), 1<<n-1
		switch {
		case g.Factors != nil && s == tail8:
			asm.PackScaledTail8(to, &g.Mem[0], &g.B[0], &g.Factors[0], g.K, off, mask)
		case g.Factors != nil:
			asm.PackScaledTail16(to, &g.Mem[0], &g.B[0], &g.Factors[0], g.K, off, mask)
		case s == tail8:
			asm.PackTail8(to, &g.Mem[0], &g.B[0], g.K, off, mask)
		case s == tail16:
			asm.PackTail16(to, &g.Mem[0], &g.B[0], g.K, off, mask)
		default:
			asm.Pack16(to, &g.Mem[0], &g.B[0], g.K, off)
		}
		at += g.K * s.lanes()
		p += n
	}
	return p
}

// call512 is what the units take of a block of rows.
type call512 struct {
	mem, a           *float32
	b, c, r          *int32
	bias, scale      *float32
	m, k             int
	boff, coff, roff int // bytes
	act              int
	lo, hi           float32
	soon             *byte // what the strip that comes next fetches
}

func newCall512(g *GEMM, m0, m int) call512 {
	c := call512{mem: &g.Mem[0], a: &g.A[m0*g.K], b: &g.B[0], c: &g.C[m0], m: m, k: g.K, boff: 4 * g.BOff, coff: 4 * g.COff, roff: 4 * g.ROff}
	c.r, c.bias, c.scale = g.pointers(m0)
	c.act, c.lo, c.hi = g.Act.arguments()
	return c
}

// fetching sets what a strip fetches, and takes it off g.Soon. A strip that has nothing to
// fetch asks for its weights again, which are near.
func (c *call512) fetching(s strip512, g *GEMM) {
	if s != whole48 && s != whole32 {
		return
	}
	if len(g.Soon) == 0 {
		c.soon = (*byte)(unsafe.Pointer(c.a))
		return
	}
	c.soon = &g.Soon[0]
	g.Soon = g.Soon[min(len(g.Soon), (c.m+7)/8*(c.k/4)*128):]
}

// strip computes n pixels from p on, which lie in planes.
func (c *call512) strip(s strip512, p, n int) {
	boff, coff, roff, mask := c.boff+4*p, c.coff+4*p, c.roff+4*p, 1<<n-1
	switch s {
	case whole48:
		asm.GEMM8x48(c.mem, c.a, c.b, c.c, c.r, c.bias, c.scale, c.m, c.k, boff, coff, roff, c.act, c.lo, c.hi, c.soon)
	case whole32:
		asm.GEMM8x32(c.mem, c.a, c.b, c.c, c.r, c.bias, c.scale, c.m, c.k, boff, coff, roff, c.act, c.lo, c.hi, c.soon)
	case whole16:
		asm.GEMM8x16(c.mem, c.a, c.b, c.c, c.r, c.bias, c.scale, c.m, c.k, boff, coff, roff, c.act, c.lo, c.hi)
	case tail16:
		asm.GEMMTail8x16(c.mem, c.a, c.b, c.c, c.r, c.bias, c.scale, c.m, c.k, boff, coff, roff, c.act, c.lo, c.hi, mask)
	case tail8:
		asm.GEMMTail8x8(c.mem, c.a, c.b, c.c, c.r, c.bias, c.scale, c.m, c.k, boff, coff, roff, c.act, c.lo, c.hi, mask)
	case tail4:
		asm.GEMM8x4(c.mem, c.a, c.b, c.c, c.r, c.bias, c.scale, c.m, c.k, boff, coff, roff, c.act, c.lo, c.hi, mask)
	default:
		asm.GEMM8x1(c.mem, c.a, c.b, c.c, c.r, c.bias, c.scale, c.m, c.k, boff, coff, roff, c.act, c.lo, c.hi, mask)
	}
}

// packed computes n pixels from p on, which lie in a panel.
func (c *call512) packed(s strip512, panel *float32, p, n int) {
	coff, roff, mask := c.coff+4*p, c.roff+4*p, 1<<n-1
	switch s {
	case whole16:
		asm.Panel8x16(c.mem, c.a, panel, c.c, c.r, c.bias, c.scale, c.m, c.k, coff, roff, c.act, c.lo, c.hi)
	case tail16:
		asm.PanelTail8x16(c.mem, c.a, panel, c.c, c.r, c.bias, c.scale, c.m, c.k, coff, roff, c.act, c.lo, c.hi, mask)
	default:
		asm.PanelTail8x8(c.mem, c.a, panel, c.c, c.r, c.bias, c.scale, c.m, c.k, coff, roff, c.act, c.lo, c.hi, mask)
	}
}
