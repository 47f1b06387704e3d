package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// poolAVX2 is the unit of the pooling windows that have assembly.
func poolAVX2() *build.Context {
	g := vectors{newContext(), 8}
	poolWindows(func() walk { return walk{vectors: g} })
	return g.asm
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
	three = &pool{frame()}
	three.stride, three.masks = 1, 2
	three.max3by1()
}

type pool struct{ walk }

func nothing() {}

// greatest is the maximum of some pixels so far, and whether one was NaN:
// VMAXPS alone keeps a NaN only where it is the second source.
type greatest struct{ v, nan reg.VecVirtual }

// max makes m.v the greater of itself and v. It does not look at NaN: whoever
// passes a pixel that is not in m.nan yet adds it there.
func (g *pool) max(m greatest, v reg.VecVirtual) { g.asm.VMAXPS(v, m.v, m.v) }

func (g *pool) join(m, by greatest) {
	g.max(m, by.v)
	g.asm.VORPS(by.nan, m.nan, m.nan)
}

func (g *pool) storeMax(m greatest) {
	g.asm.VORPS(m.nan, m.v, m.v)
	g.store(m.v, false)
}

const unordered = operand.U8(3)

// row3 is the maximum of three columns of the present row. A column outside
// the plane gives way to the middle one, which is inside.
func (g *pool) row3(left, right reg.VecVirtual) greatest {
	m, l, r, n := greatest{g.asm.YMM(), g.asm.YMM()}, g.asm.YMM(), g.asm.YMM(), g.asm.YMM()
	g.pair(-1, l, nil)
	g.pair(0, m.v, r)
	g.asm.VBLENDVPS(left, l, m.v, l)
	g.asm.VBLENDVPS(right, r, m.v, r)
	g.asm.VCMPPS(unordered, r, r, n)
	g.asm.VCMPPS(unordered, l, m.v, m.nan)
	g.asm.VORPS(n, m.nan, m.nan)
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
		left, right := g.asm.YMM(), g.asm.YMM()
		g.asm.VMOVUPS(operand.Mem{Base: g.mask}, left)
		g.asm.VMOVUPS(operand.Mem{Base: g.mask, Disp: 32}, right)
		loop, odd, done := g.label("pairs"), g.label("odd"), g.label("done")
		// above is the odd row above a pair, which the pair's output shares.
		above := greatest{g.asm.YMM(), g.asm.YMM()}
		g.asm.VPCMPEQD(above.v, above.v, above.v)
		g.asm.VPSLLD(operand.Imm(23), above.v, above.v) // -Inf
		g.asm.VXORPS(above.nan, above.nan, above.nan)
		g.asm.Load(g.asm.Param("h"), g.n)
		g.asm.SHRQ(operand.Imm(1), g.n)
		g.asm.JZ(operand.LabelRef(odd))
		g.asm.Label(loop)
		g.join(above, g.row3(left, right))
		low := g.row3(left, right)
		g.join(above, low)
		g.storeMax(above)
		g.asm.VMOVAPS(low.v, above.v)
		g.asm.VMOVAPS(low.nan, above.nan)
		g.asm.DECQ(g.n)
		g.asm.JNZ(operand.LabelRef(loop))
		g.asm.Label(odd)
		g.asm.TESTQ(operand.U32(1), g.param("h"))
		g.asm.JZ(operand.LabelRef(done))
		g.join(above, g.row3(left, right))
		g.storeMax(above)
		g.asm.Label(done)
	}, nothing)
}

// line3 is row3 with stride 1.
func (g *pool) line3(left, right reg.VecVirtual) greatest {
	m, l, r, n := greatest{g.asm.YMM(), g.asm.YMM()}, g.asm.YMM(), g.asm.YMM(), g.asm.YMM()
	g.asm.VMOVUPS(g.at(0), m.v)
	g.asm.VBLENDVPS(left, g.at(-1), m.v, l)
	g.asm.VBLENDVPS(right, g.at(1), m.v, r)
	g.asm.VCMPPS(unordered, r, r, n)
	g.asm.VCMPPS(unordered, l, m.v, m.nan)
	g.asm.VORPS(n, m.nan, m.nan)
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
		if g.wide != nil {
			g.wideMax3by1()
			return
		}
		left, right := g.asm.YMM(), g.asm.YMM()
		g.asm.VMOVUPS(operand.Mem{Base: g.mask}, left)
		g.asm.VMOVUPS(operand.Mem{Base: g.mask, Disp: 32}, right)
		loop, done := g.label("lines"), g.label("done")
		two, last := greatest{g.asm.YMM(), g.asm.YMM()}, greatest{g.asm.YMM(), g.asm.YMM()}
		first := g.line3(left, right)
		for _, m := range []greatest{two, last} {
			g.asm.VMOVAPS(first.v, m.v)
			g.asm.VMOVAPS(first.nan, m.nan)
		}
		g.asm.Load(g.asm.Param("h"), g.n)
		g.asm.DECQ(g.n)
		g.asm.JZ(operand.LabelRef(done))
		g.asm.Label(loop)
		m := g.line3(left, right)
		g.join(two, m)
		g.storeMax(two)
		g.asm.VMAXPS(m.v, last.v, two.v)
		g.asm.VORPS(m.nan, last.nan, two.nan)
		g.asm.VMOVAPS(m.v, last.v)
		g.asm.VMOVAPS(m.nan, last.nan)
		g.asm.DECQ(g.n)
		g.asm.JNZ(operand.LabelRef(loop))
		g.asm.Label(done)
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
				t := g.asm.GP32()
				g.asm.MOVL(operand.U32(0x3e800000), t) // 0.25
				g.asm.VMOVD(t, quarter.AsX())
				g.asm.VBROADCASTSS(quarter.AsX(), quarter)
			}
			loop := g.label("pairs")
			g.asm.Load(g.asm.Param("h"), g.n)
			g.asm.SHRQ(operand.Imm(1), g.n)
			g.asm.Label(loop)
			a, b, c, d := g.vec(), g.vec(), g.vec(), g.vec()
			g.pair(0, a, b)
			g.next()
			g.pair(0, c, d)
			g.next()
			switch {
			case maximum && g.wide != nil:
				g.wideMax2(a, b, c, d)
			case maximum:
				n, m := g.asm.YMM(), g.asm.YMM()
				g.asm.VCMPPS(unordered, a, b, n)
				g.asm.VCMPPS(unordered, c, d, m)
				g.asm.VORPS(m, n, n)
				g.asm.VMAXPS(a, b, a)
				g.asm.VMAXPS(c, d, c)
				g.asm.VMAXPS(a, c, a)
				g.asm.VORPS(n, a, a)
				g.store(a, false)
			default:
				g.asm.VADDPS(b, a, a)
				g.asm.VADDPS(c, a, a)
				g.asm.VADDPS(d, a, a)
				g.asm.VMULPS(quarter, a, a)
				g.store(a, false)
			}
			g.asm.DECQ(g.n)
			g.asm.JNZ(operand.LabelRef(loop))
		}, nothing)
}
