package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// poolAVX2 is the unit of the pooling windows that have assembly.
func poolAVX2() *build.Context {
	g := vectors{newContext(), 8}
	frame := func() walk { return walk{vectors: g} }
	poolWindows(frame)
	three := &pool{frame()}
	three.stride, three.masks = 1, 2
	three.max3by1()
	return g.Context
}

// poolWindows emits a kernel for each window. frame makes a walk of the set.
func poolWindows(frame func() walk) {
	three := &pool{frame()}
	three.stride, three.masks = 2, 2
	three.max3()
	for _, w := range []struct {
		name, what string
		maximum    bool
	}{{"MaxPool2x2S2", "the greatest of", true}, {"AvgPool2x2S2", "the mean of", false}} {
		g := &pool{frame()}
		g.stride = 2
		g.two(w.name, w.what, w.maximum)
	}
}

type pool struct{ walk }

func nothing() {}

// greatest is the maximum of some pixels so far, and whether one was NaN:
// VMAXPS alone keeps a NaN only where it is the second source.
type greatest struct{ v, nan reg.VecVirtual }

// max makes m.v the greater of itself and v. It does not look at NaN: whoever
// passes a pixel that is not in m.nan yet adds it there.
func (g *pool) max(m greatest, v reg.VecVirtual) { g.VMAXPS(v, m.v, m.v) }

func (g *pool) join(m, by greatest) {
	g.max(m, by.v)
	g.VORPS(by.nan, m.nan, m.nan)
}

func (g *pool) storeMax(m greatest) {
	g.VORPS(m.nan, m.v, m.v)
	g.store(m.v, false)
}

const unordered = operand.U8(3)

// row3 is the maximum of three columns of the present row. A column outside
// the plane gives way to the middle one, which is inside.
func (g *pool) row3(left, right reg.VecVirtual) greatest {
	m, l, r, n := greatest{g.YMM(), g.YMM()}, g.YMM(), g.YMM(), g.YMM()
	g.pair(-1, l, nil)
	g.pair(0, m.v, r)
	g.VBLENDVPS(left, l, m.v, l)
	g.VBLENDVPS(right, r, m.v, r)
	g.VCMPPS(unordered, r, r, n)
	g.VCMPPS(unordered, l, m.v, m.nan)
	g.VORPS(n, m.nan, m.nan)
	g.max(m, l)
	g.max(m, r)
	g.next()
	return m
}

func (g *pool) max3() {
	g.function("MaxPool3x3S2", ", masks *float32", []string{
		"MaxPool3x3S2 pools each plane by 3x3, stride 2, pad 1. NaN wins.",
		"masks has 2 vectors for each strip.",
	}, g.setup, nothing, func() {
		if g.wide != nil {
			g.wideMax3()
			return
		}
		left, right := g.YMM(), g.YMM()
		g.VMOVUPS(operand.Mem{Base: g.mask}, left)
		g.VMOVUPS(operand.Mem{Base: g.mask, Disp: 32}, right)
		loop, odd, done := g.label("pairs"), g.label("odd"), g.label("done")
		// above is the odd row above a pair, which the pair's output shares.
		above := greatest{g.YMM(), g.YMM()}
		g.VPCMPEQD(above.v, above.v, above.v)
		g.VPSLLD(operand.Imm(23), above.v, above.v) // -Inf
		g.VXORPS(above.nan, above.nan, above.nan)
		g.Load(g.Param("h"), g.n)
		g.SHRQ(operand.Imm(1), g.n)
		g.JZ(operand.LabelRef(odd))
		g.Label(loop)
		g.join(above, g.row3(left, right))
		low := g.row3(left, right)
		g.join(above, low)
		g.storeMax(above)
		g.VMOVAPS(low.v, above.v)
		g.VMOVAPS(low.nan, above.nan)
		g.DECQ(g.n)
		g.JNZ(operand.LabelRef(loop))
		g.Label(odd)
		g.TESTQ(operand.U32(1), g.param("h"))
		g.JZ(operand.LabelRef(done))
		g.join(above, g.row3(left, right))
		g.storeMax(above)
		g.Label(done)
	}, nothing)
}

// line3 is row3 with stride 1.
func (g *pool) line3(left, right reg.VecVirtual) greatest {
	m, l, r, n := greatest{g.YMM(), g.YMM()}, g.YMM(), g.YMM(), g.YMM()
	g.VMOVUPS(g.at(0), m.v)
	g.VBLENDVPS(left, g.at(-1), m.v, l)
	g.VBLENDVPS(right, g.at(1), m.v, r)
	g.VCMPPS(unordered, r, r, n)
	g.VCMPPS(unordered, l, m.v, m.nan)
	g.VORPS(n, m.nan, m.nan)
	g.max(m, l)
	g.max(m, r)
	g.next()
	return m
}

// max3by1 is 3x3, stride 1: an output is the greatest of three lines, of which the first
// two are joined when the third comes.
func (g *pool) max3by1() {
	g.function("MaxPool3x3S1", ", masks *float32", []string{
		"MaxPool3x3S1 pools each plane by 3x3, stride 1, pad 1. NaN wins.",
		"masks has 2 vectors for each strip.",
	}, nothing, nothing, func() {
		left, right := g.YMM(), g.YMM()
		g.VMOVUPS(operand.Mem{Base: g.mask}, left)
		g.VMOVUPS(operand.Mem{Base: g.mask, Disp: 32}, right)
		loop, done := g.label("lines"), g.label("done")
		two, last := greatest{g.YMM(), g.YMM()}, greatest{g.YMM(), g.YMM()}
		first := g.line3(left, right)
		for _, m := range []greatest{two, last} {
			g.VMOVAPS(first.v, m.v)
			g.VMOVAPS(first.nan, m.nan)
		}
		g.Load(g.Param("h"), g.n)
		g.DECQ(g.n)
		g.JZ(operand.LabelRef(done))
		g.Label(loop)
		m := g.line3(left, right)
		g.join(two, m)
		g.storeMax(two)
		g.VMAXPS(m.v, last.v, two.v)
		g.VORPS(m.nan, last.nan, two.nan)
		g.VMOVAPS(m.v, last.v)
		g.VMOVAPS(m.nan, last.nan)
		g.DECQ(g.n)
		g.JNZ(operand.LabelRef(loop))
		g.Label(done)
		g.storeMax(two)
	}, nothing)
}

// two is 2x2, stride 2, no pad.
func (g *pool) two(name, what string, maximum bool) {
	g.function(name, "", []string{name + " writes " + what + " each 2x2 pixels; an odd last row or column is dropped."},
		g.setup, nothing, func() {
			var quarter reg.VecVirtual
			if !maximum {
				quarter = g.vec()
				t := g.GP32()
				g.MOVL(operand.U32(0x3e800000), t) // 0.25
				g.VMOVD(t, quarter.AsX())
				g.VBROADCASTSS(quarter.AsX(), quarter)
			}
			loop := g.label("pairs")
			g.Load(g.Param("h"), g.n)
			g.SHRQ(operand.Imm(1), g.n)
			g.Label(loop)
			a, b, c, d := g.vec(), g.vec(), g.vec(), g.vec()
			g.pair(0, a, b)
			g.next()
			g.pair(0, c, d)
			g.next()
			switch {
			case maximum && g.wide != nil:
				g.wideMax2(a, b, c, d)
			case maximum:
				n, m := g.YMM(), g.YMM()
				g.VCMPPS(unordered, a, b, n)
				g.VCMPPS(unordered, c, d, m)
				g.VORPS(m, n, n)
				g.VMAXPS(a, b, a)
				g.VMAXPS(c, d, c)
				g.VMAXPS(a, c, a)
				g.VORPS(n, a, a)
				g.store(a, false)
			default:
				g.VADDPS(b, a, a)
				g.VADDPS(c, a, a)
				g.VADDPS(d, a, a)
				g.VMULPS(quarter, a, a)
				g.store(a, false)
			}
			g.DECQ(g.n)
			g.JNZ(operand.LabelRef(loop))
		}, nothing)
}
