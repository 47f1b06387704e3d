package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The pieces of the functions of activateAVX2 and activateAVX512. Each does what the Go
// function of the same name in kernel/activation_functions.go does. VMAXPS and VMINPS
// return their second source where either is NaN, so that the value is always that one.

// at is a constant's eight copies.
func (g *function) at(name string) operand.Mem {
	return operand.Mem{Base: g.table, Disp: 32 * slices.Index(constants, name)}
}

// constant is a register that holds a constant.
func (g *function) constant(name string) reg.VecVirtual {
	v := g.vec()
	if g.lanes == 16 {
		g.VBROADCASTSS(g.at(name), v)
	} else {
		g.VMOVUPS(g.at(name), v)
	}
	return v
}

// plus, minus and times make to what v plus, minus or times a constant is.
func (g *function) plus(name string, v, to reg.VecVirtual) {
	if g.lanes == 16 {
		g.VADDPS_BCST(g.at(name), v, to)
	} else {
		g.VADDPS(g.at(name), v, to)
	}
}

func (g *function) minus(name string, v, to reg.VecVirtual) {
	if g.lanes == 16 {
		g.VSUBPS_BCST(g.at(name), v, to)
	} else {
		g.VSUBPS(g.at(name), v, to)
	}
}

func (g *function) times(name string, v, to reg.VecVirtual) {
	if g.lanes == 16 {
		g.VMULPS_BCST(g.at(name), v, to)
	} else {
		g.VMULPS(g.at(name), v, to)
	}
}

func (g *function) copyOf(v reg.VecVirtual) reg.VecVirtual {
	x := g.vec()
	g.VMOVAPS(v, x)
	return x
}

// within limits v.
func (g *function) within(v, lo, hi reg.VecVirtual) {
	g.VMAXPS(v, lo, v)
	g.VMINPS(v, hi, v)
}

func (g *function) withinConstants(v reg.VecVirtual, lo, hi string) {
	g.within(v, g.constant(lo), g.constant(hi))
}

// divide makes v what a divided by v is.
func (g *function) divide(a, v reg.VecVirtual) { g.VDIVPS(v, a, v) }

// horner is one step of a polynomial: p = p*x + the constant.
func (g *function) horner(p, x reg.VecVirtual, constants ...string) {
	for _, name := range constants {
		g.VMULPS(x, p, p)
		g.plus(name, p, p)
	}
}

// less is where x is less than a constant: a vector, or a mask of AVX-512.
func (g *function) less(x reg.VecVirtual, name string) reg.Register {
	const lessThan = operand.U8(1)
	if g.lanes == 16 {
		k := g.K()
		g.VCMPPS_BCST(lessThan, g.at(name), x, k)
		return k
	}
	v := g.vec()
	g.VCMPPS(lessThan, g.at(name), x, v)
	return v
}

// blend makes v what a is where less found it, and what b is elsewhere.
func (g *function) blend(where reg.Register, a, b, v reg.VecVirtual) {
	if g.lanes == 16 {
		g.VBLENDMPS(a, b, where, v)
	} else {
		g.VBLENDVPS(where, a, b, v)
	}
}

// onlyNegative makes v what x is where x is not negative.
func (g *function) onlyNegative(v, x reg.VecVirtual) {
	g.blend(g.less(x, "0"), v, x, v)
}

// power is a power of 2: its exponent, or two factors, since it may be no float32.
type power struct{ n, s1, s2 reg.VecVirtual }

// expParts changes x.
func (g *function) expParts(x reg.VecVirtual) (m reg.VecVirtual, s power) {
	g.withinConstants(x, "expLowest", "expHighest")
	t, n, r, p := g.vec(), g.vec(), x, g.vec()
	g.times("log2e", x, t)
	g.plus("rounder", t, t)
	g.minus("rounder", t, n)
	product := g.vec()
	g.times("ln2Hi", n, product)
	g.VSUBPS(product, r, r)
	g.times("ln2Lo", n, product)
	g.VSUBPS(product, r, r)
	g.times("e5", r, p)
	g.plus("e4", p, p)
	g.horner(p, r, "e3", "e2", "e1", "e0")
	square := g.vec()
	g.VMULPS(r, r, square)
	g.VMULPS(square, p, p)
	g.VADDPS(r, p, p)
	if g.lanes == 16 {
		return p, power{n: n}
	}
	whole, half := t, g.vec()
	g.VPSUBD(g.at("rounder"), whole, whole)
	g.VPSRAD(operand.Imm(1), whole, half)
	g.VPSUBD(half, whole, whole)
	for _, v := range []reg.VecVirtual{half, whole} {
		g.VPADDD(g.at("bias"), v, v)
		g.VPSLLD(operand.Imm(23), v, v)
	}
	return p, power{s1: half, s2: whole}
}

// scale multiplies v by s. VSCALEFPS rounds once, and so do two products, of which the
// first is exact.
func (g *function) scale(v reg.VecVirtual, s power) {
	if g.lanes == 16 {
		g.VSCALEFPS(s.n, v, v)
		return
	}
	g.VMULPS(s.s1, v, v)
	g.VMULPS(s.s2, v, v)
}

// value is s as a vector. It changes s.
func (g *function) value(s power) reg.VecVirtual {
	if g.lanes == 16 {
		v := g.constant("1")
		g.VSCALEFPS(s.n, v, v)
		return v
	}
	g.VMULPS(s.s2, s.s1, s.s1)
	return s.s1
}

func (g *function) exp(v reg.VecVirtual) {
	m, s := g.expParts(v)
	g.plus("1", m, v)
	g.scale(v, s)
}

// expNegative makes v exp(-v)+1.
func (g *function) expNegative(v reg.VecVirtual) {
	if g.lanes == 16 {
		g.VXORPS_BCST(g.at("sign"), v, v)
	} else {
		g.VXORPS(g.at("sign"), v, v)
	}
	g.exp(v)
	g.plus("1", v, v)
}

func (g *function) tanh(v reg.VecVirtual) {
	x, a, sign := g.copyOf(v), g.vec(), g.constant("sign")
	g.VANDNPS(v, sign, a)
	t, p := g.vec(), g.vec()
	g.VMULPS(x, x, t)
	g.times("t4", t, p)
	g.plus("t3", p, p)
	g.horner(p, t, "t2", "t1", "t0")
	g.VMULPS(t, p, p)
	g.VMULPS(x, p, p)
	g.VADDPS(x, p, p)
	small := g.less(a, "tanhSmall")
	g.VADDPS(a, a, v)
	g.exp(v)
	g.plus("1", v, v)
	g.divide(g.constant("2"), v)
	one := g.constant("1")
	g.VSUBPS(v, one, v)
	g.VANDPS(sign, x, x)
	g.VORPS(x, v, v)
	g.blend(small, p, v, v)
}

func (g *function) erf(v reg.VecVirtual) {
	g.withinConstants(v, "erfLeast", "erfMost")
	t, p, q := g.vec(), g.vec(), g.vec()
	g.VMULPS(v, v, t)
	g.times("p5", t, p)
	g.plus("p4", p, p)
	g.horner(p, t, "p3", "p2", "p1", "p0")
	g.times("q5", t, q)
	g.plus("q4", q, q)
	g.horner(q, t, "q3", "q2", "q1", "1")
	g.VMULPS(v, p, v)
	g.VDIVPS(q, v, v)
	g.withinConstants(v, "-1", "1")
}
