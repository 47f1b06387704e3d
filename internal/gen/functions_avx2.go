package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The pieces of the functions of activateAVX2. Each does what the Go function of the
// same name in kernel/activation_functions.go does. VMAXPS and VMINPS return their
// second source where either is NaN, so that the value is always that one.

// at is a constant's eight copies.
func (g *function) at(name string) operand.Mem {
	return operand.Mem{Base: g.table, Disp: 32 * slices.Index(constants, name)}
}

// constant is a register that holds a constant.
func (g *function) constant(name string) reg.VecVirtual {
	v := g.YMM()
	g.VMOVUPS(g.at(name), v)
	return v
}

func (g *function) copyOf(v reg.VecVirtual) reg.VecVirtual {
	x := g.YMM()
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
		g.VADDPS(g.at(name), p, p)
	}
}

// onlyNegative makes v what x is where x is not negative.
func (g *function) onlyNegative(v, x reg.VecVirtual) {
	negative := g.YMM()
	g.VCMPPS(operand.Imm(1), g.at("0"), x, negative)
	g.VBLENDVPS(negative, v, x, v)
}

func (g *function) expParts(x reg.VecVirtual) (m, s1, s2 reg.VecVirtual) {
	g.withinConstants(x, "expLowest", "expHighest")
	t, n, r, p := g.YMM(), g.YMM(), x, g.YMM()
	g.VMULPS(g.at("log2e"), x, t)
	g.VADDPS(g.at("rounder"), t, t)
	g.VSUBPS(g.at("rounder"), t, n)
	product := g.YMM()
	g.VMULPS(g.at("ln2Hi"), n, product)
	g.VSUBPS(product, r, r)
	g.VMULPS(g.at("ln2Lo"), n, product)
	g.VSUBPS(product, r, r)
	g.VMULPS(g.at("e5"), r, p)
	g.VADDPS(g.at("e4"), p, p)
	g.horner(p, r, "e3", "e2", "e1", "e0")
	square := g.YMM()
	g.VMULPS(r, r, square)
	g.VMULPS(square, p, p)
	g.VADDPS(r, p, p)
	whole, half := t, g.YMM()
	g.VPSUBD(g.at("rounder"), whole, whole)
	g.VPSRAD(operand.Imm(1), whole, half)
	g.VPSUBD(half, whole, whole)
	for _, v := range []reg.VecVirtual{half, whole} {
		g.VPADDD(g.at("bias"), v, v)
		g.VPSLLD(operand.Imm(23), v, v)
	}
	return p, half, whole
}

func (g *function) exp(v reg.VecVirtual) {
	m, s1, s2 := g.expParts(v)
	g.VADDPS(g.at("1"), m, v)
	g.VMULPS(s1, v, v)
	g.VMULPS(s2, v, v)
}

// expNegative makes v exp(-v)+1.
func (g *function) expNegative(v reg.VecVirtual) {
	g.VXORPS(g.at("sign"), v, v)
	g.exp(v)
	g.VADDPS(g.at("1"), v, v)
}

func (g *function) tanh(v reg.VecVirtual) {
	x, a, sign := g.copyOf(v), g.YMM(), g.constant("sign")
	g.VANDNPS(v, sign, a)
	t, p := g.YMM(), g.YMM()
	g.VMULPS(x, x, t)
	g.VMULPS(g.at("t4"), t, p)
	g.VADDPS(g.at("t3"), p, p)
	g.horner(p, t, "t2", "t1", "t0")
	g.VMULPS(t, p, p)
	g.VMULPS(x, p, p)
	g.VADDPS(x, p, p)
	small := g.YMM()
	g.VCMPPS(operand.Imm(1), g.at("tanhSmall"), a, small)
	g.VADDPS(a, a, v)
	g.exp(v)
	g.VADDPS(g.at("1"), v, v)
	g.divide(g.constant("2"), v)
	one := g.constant("1")
	g.VSUBPS(v, one, v)
	g.VANDPS(sign, x, x)
	g.VORPS(x, v, v)
	g.VBLENDVPS(small, p, v, v)
}

func (g *function) erf(v reg.VecVirtual) {
	g.withinConstants(v, "erfLeast", "erfMost")
	t, p, q := g.YMM(), g.YMM(), g.YMM()
	g.VMULPS(v, v, t)
	g.VMULPS(g.at("p5"), t, p)
	g.VADDPS(g.at("p4"), p, p)
	g.horner(p, t, "p3", "p2", "p1", "p0")
	g.VMULPS(g.at("q5"), t, q)
	g.VADDPS(g.at("q4"), q, q)
	g.horner(q, t, "q3", "q2", "q1", "1")
	g.VMULPS(v, p, v)
	g.VDIVPS(q, v, v)
	g.withinConstants(v, "-1", "1")
}
