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
	return g.asm
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
	g.asm.VMOVUPS(g.at(0), lo)
	g.asm.VMOVUPS(g.at(g.lanes), hi)
	g.asm.VSHUFPS(even, hi, lo, m)
	g.asm.VMOVAPS(m, r)
	g.asm.VSHUFPS(odd, hi, lo, g.wide.keep[1], r)
	g.asm.VMOVAPS(m, l)
	g.asm.VMOVUPS(g.at(-1), lo)
	g.asm.VSHUFPS(even, g.at(g.lanes-1), lo, g.wide.keep[0], l)
	g.wideColumns3(m, l, r, nan)
	return m
}

// wideLine3 is wideRow3 with stride 1.
func (g *pool) wideLine3(nan reg.OpmaskVirtual) reg.VecVirtual {
	m, l, r := g.vec(), g.vec(), g.vec()
	g.asm.VMOVUPS(g.at(0), m)
	g.asm.VMOVAPS(m, l)
	g.asm.VMOVUPS(g.at(-1), g.wide.keep[0], l)
	g.asm.VMOVAPS(m, r)
	g.asm.VMOVUPS(g.at(1), g.wide.keep[1], r)
	g.wideColumns3(m, l, r, nan)
	return m
}

// wideColumns3 makes m the greatest of three columns, and goes to the next row.
func (g *pool) wideColumns3(m, l, r reg.VecVirtual, nan reg.OpmaskVirtual) {
	g.asm.VCMPPS(unordered, l, m, nan)
	g.asm.VMAXPS(l, m, m)
	g.asm.VMAXPS(r, m, m)
	g.next()
}

// wideJoin makes m the greater of itself and v. VMAXPS may lose a NaN of either, so the
// comparison adds it to nan.
func (g *pool) wideJoin(m, v reg.VecVirtual, nan reg.OpmaskVirtual) {
	k := g.asm.K()
	g.asm.VCMPPS(unordered, v, m, k)
	g.asm.VMAXPS(v, m, m)
	g.asm.KORW(k, nan, nan)
}

// wideStore stores v, or NaN where nan is set.
func (g *pool) wideStore(v reg.VecVirtual, nan reg.OpmaskVirtual) {
	g.asm.VPTERNLOGD(operand.U8(0xff), v, v, nan, v)
	g.store(v, false)
}

// wideMax3 is the strip of MaxPool3x3S2.
func (g *pool) wideMax3() {
	loop, odd, done := g.label("pairs"), g.label("odd"), g.label("done")
	above, aboveNaN, t := g.vec(), g.asm.K(), g.asm.GP32()
	g.asm.MOVL(operand.U32(0xff800000), t) // -Inf
	g.asm.VPBROADCASTD(t, above)
	g.asm.KXORW(aboveNaN, aboveNaN, aboveNaN)
	join := func() (row reg.VecVirtual, nan reg.OpmaskVirtual) {
		nan = g.asm.K()
		row = g.wideRow3(nan)
		g.wideJoin(above, row, aboveNaN)
		g.asm.KORW(nan, aboveNaN, aboveNaN)
		return row, nan
	}
	g.asm.Load(g.asm.Param("h"), g.n)
	g.asm.SHRQ(operand.Imm(1), g.n)
	g.asm.JZ(operand.LabelRef(odd))
	g.asm.Label(loop)
	join()
	low, nan := join()
	g.wideStore(above, aboveNaN)
	g.asm.VMOVAPS(low, above)
	g.asm.KMOVW(nan, aboveNaN)
	g.asm.DECQ(g.n)
	g.asm.JNZ(operand.LabelRef(loop))
	g.asm.Label(odd)
	g.asm.TESTQ(operand.U32(1), g.param("h"))
	g.asm.JZ(operand.LabelRef(done))
	join()
	g.wideStore(above, aboveNaN)
	g.asm.Label(done)
}

// wideMax3by1 is the strip of MaxPool3x3S1. A line is NaN where one of its columns is.
// VMAXPS returns its second source if either is NaN: so the third line may be that, and a
// comparison of the first two tells whether one of them was.
func (g *pool) wideMax3by1() {
	loop, done := g.label("lines"), g.label("done")
	line3 := func() reg.VecVirtual {
		nan := g.asm.K()
		line := g.wideLine3(nan)
		g.asm.VPTERNLOGD(operand.U8(0xff), line, line, nan, line)
		return line
	}
	two, last, nan := g.vec(), g.vec(), g.asm.K() // the greatest of the last two lines, and where one is NaN
	first := line3()
	g.asm.VMOVAPS(first, two)
	g.asm.VMOVAPS(first, last)
	g.asm.VCMPPS(unordered, first, first, nan)
	g.asm.Load(g.asm.Param("h"), g.n)
	g.asm.DECQ(g.n)
	g.asm.JZ(operand.LabelRef(done))
	g.asm.Label(loop)
	line := line3()
	g.asm.VMAXPS(line, two, two)
	g.wideStore(two, nan)
	g.asm.VCMPPS(unordered, line, last, nan)
	g.asm.VMAXPS(line, last, two)
	g.asm.VMOVAPS(line, last)
	g.asm.DECQ(g.n)
	g.asm.JNZ(operand.LabelRef(loop))
	g.asm.Label(done)
	g.wideStore(two, nan)
}

// wideMax2 is the greatest of four pixels, a and b of one row and c and d of the next.
func (g *pool) wideMax2(a, b, c, d reg.VecVirtual) {
	n, m := g.asm.K(), g.asm.K()
	g.asm.VCMPPS(unordered, a, b, n)
	g.asm.VCMPPS(unordered, c, d, m)
	g.asm.KORW(m, n, n)
	g.asm.VMAXPS(a, b, a)
	g.asm.VMAXPS(c, d, c)
	g.asm.VMAXPS(a, c, a)
	g.wideStore(a, n)
}
