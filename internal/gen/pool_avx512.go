package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// poolAVX512 is poolAVX2 for AVX-512.
func poolAVX512() *build.Context {
	g := vectors{newContext(), 16}
	poolWindows(wideFrames(g))
	return g.Context
}

// setup keeps what a walk of AVX-512 needs in registers.
func (g *pool) setup() {
	if g.wide != nil {
		g.wideOrder()
	}
}

// wideRow3 is the maximum of three columns of the present row, NaN if the right one is.
// It sets the bits of nan where one of the other two is. A column outside the plane gives
// way to the middle one.
func (g *pool) wideRow3(nan reg.OpmaskVirtual) reg.VecVirtual {
	even, odd := operand.Imm(0x88), operand.Imm(0xDD)
	lo, hi, m, l, r := g.vec(), g.vec(), g.vec(), g.vec(), g.vec()
	g.VMOVUPS(g.at(0), lo)
	g.VMOVUPS(g.at(g.lanes), hi)
	g.VSHUFPS(even, hi, lo, m)
	g.VMOVAPS(m, r)
	g.VSHUFPS(odd, hi, lo, g.wide.keep[1], r)
	g.VMOVAPS(m, l)
	g.VMOVUPS(g.at(-1), lo)
	g.VSHUFPS(even, g.at(g.lanes-1), lo, g.wide.keep[0], l)
	g.VCMPPS(unordered, l, m, nan)
	g.VMAXPS(l, m, m)
	g.VMAXPS(r, m, m)
	g.next()
	return m
}

// wideJoin makes m the greater of itself and v. VMAXPS may lose a NaN of either, so the
// comparison adds it to nan.
func (g *pool) wideJoin(m, v reg.VecVirtual, nan reg.OpmaskVirtual) {
	k := g.K()
	g.VCMPPS(unordered, v, m, k)
	g.VMAXPS(v, m, m)
	g.KORW(k, nan, nan)
}

// wideStore stores v, or NaN where nan is set.
func (g *pool) wideStore(v reg.VecVirtual, nan reg.OpmaskVirtual) {
	g.VPTERNLOGD(operand.U8(0xff), v, v, nan, v)
	g.store(v, false)
}

// wideMax3 is the strip of MaxPool3x3S2.
func (g *pool) wideMax3() {
	loop, odd, done := g.label("pairs"), g.label("odd"), g.label("done")
	above, aboveNaN, t := g.vec(), g.K(), g.GP32()
	g.MOVL(operand.U32(0xff800000), t) // -Inf
	g.VPBROADCASTD(t, above)
	g.KXORW(aboveNaN, aboveNaN, aboveNaN)
	join := func() (row reg.VecVirtual, nan reg.OpmaskVirtual) {
		nan = g.K()
		row = g.wideRow3(nan)
		g.wideJoin(above, row, aboveNaN)
		g.KORW(nan, aboveNaN, aboveNaN)
		return row, nan
	}
	g.Load(g.Param("h"), g.n)
	g.SHRQ(operand.Imm(1), g.n)
	g.JZ(operand.LabelRef(odd))
	g.Label(loop)
	join()
	low, nan := join()
	g.wideStore(above, aboveNaN)
	g.VMOVAPS(low, above)
	g.KMOVW(nan, aboveNaN)
	g.DECQ(g.n)
	g.JNZ(operand.LabelRef(loop))
	g.Label(odd)
	g.TESTQ(operand.U32(1), g.param("h"))
	g.JZ(operand.LabelRef(done))
	join()
	g.wideStore(above, aboveNaN)
	g.Label(done)
}

// wideMax2 is the greatest of four pixels, a and b of one row and c and d of the next.
func (g *pool) wideMax2(a, b, c, d reg.VecVirtual) {
	n, m := g.K(), g.K()
	g.VCMPPS(unordered, a, b, n)
	g.VCMPPS(unordered, c, d, m)
	g.KORW(m, n, n)
	g.VMAXPS(a, b, a)
	g.VMAXPS(c, d, c)
	g.VMAXPS(a, c, a)
	g.wideStore(a, n)
}
