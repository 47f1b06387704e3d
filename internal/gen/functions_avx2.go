package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The pieces of the functions of activateAVX2. Each does what the Go function of the
// same name in kernel/activation_functions.go does. VMAXPS and VMINPS return their
// second source where either is NaN, so that the value is always that one.

// at is a constant: a register, if it was hoisted, or its eight copies in the table.
func (g *function) at(name string) operand.Op {
	if v, ok := g.hoisted[name]; ok {
		return v
	}
	return operand.Mem{Base: g.table, Disp: 32 * slices.Index(constants, name)}
}

// hoist loads constants into registers for the rest of the kind's code, for a loop has
// fewer loads then.
func (g *function) hoist(names ...string) {
	g.hoisted = map[string]reg.VecVirtual{}
	for _, name := range names {
		v := g.vec()
		g.VMOVUPS(g.at(name), v)
		g.hoisted[name] = v
	}
}

// constant is a register that holds a constant, not to be changed.
func (g *function) constant(name string) reg.VecVirtual {
	if v, ok := g.hoisted[name]; ok {
		return v
	}
	return g.load(name)
}

// load is a register that holds a constant.
func (g *function) load(name string) reg.VecVirtual {
	v := g.vec()
	g.VMOVUPS(g.at(name), v)
	return v
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

// horner is the polynomial of x with these coefficients, the highest first.
func (g *function) horner(x reg.VecVirtual, first string, others ...string) reg.VecVirtual {
	p := g.load(first)
	for _, name := range others {
		g.VFMADD213PS(g.at(name), x, p)
	}
	return p
}

// onlyNegative makes v what x is where x is not negative.
func (g *function) onlyNegative(v, x reg.VecVirtual) {
	negative := g.vec()
	g.VCMPPS(operand.Imm(1), g.at("0"), x, negative)
	g.VBLENDVPS(negative, v, x, v)
}

// expConstants are worth a register each, beside what two vectors need.
var expConstants = []string{"rounder", "e3", "e2", "e1"}

// expParts changes x. With negative the argument is -x: the bits are the same as those
// of expParts of it, for a sign changes no rounding.
func (g *function) expParts(x reg.VecVirtual, negative bool) (p, r, power reg.VecVirtual) {
	t, n := g.load("rounder"), g.vec()
	r = x
	if negative {
		g.withinConstants(x, "-expHighest", "-expLowest")
		g.VFNMADD231PS(g.at("log2e"), x, t)
		g.VSUBPS(g.at("rounder"), t, n)
		g.VFNMSUB231PS(g.at("ln2Hi"), n, r)
	} else {
		g.withinConstants(x, "expLowest", "expHighest")
		g.VFMADD231PS(g.at("log2e"), x, t)
		g.VSUBPS(g.at("rounder"), t, n)
		g.VFNMADD231PS(g.at("ln2Hi"), n, r)
	}
	g.VFNMADD231PS(g.at("ln2Lo"), n, r)
	g.VPSLLD(operand.Imm(23), t, t)
	g.VPADDD(g.at("1"), t, t)
	return g.horner(r, "e5", "e4", "e3", "e2", "e1", "e0"), r, t
}

// expReduced is exp(r), in p. It changes r.
func (g *function) expReduced(p, r reg.VecVirtual) {
	square := g.vec()
	g.VMULPS(r, r, square)
	g.VADDPS(g.at("1"), r, r)
	g.VFMADD213PS(r, square, p)
}

func (g *function) exp(v reg.VecVirtual) {
	p, r, power := g.expParts(v, false)
	g.expReduced(p, r)
	g.VMULPS(power, p, v)
}

// exp1 makes v exp(v)+1, or exp(-v)+1.
func (g *function) exp1(v reg.VecVirtual, negative bool) {
	p, r, power := g.expParts(v, negative)
	g.expReduced(p, r)
	g.VFMADD213PS(g.at("1"), power, p)
	g.VMOVAPS(p, v)
}

// expm1 makes v exp(v)-1.
func (g *function) expm1(v reg.VecVirtual) {
	p, r, power := g.expParts(v, false)
	square := g.vec()
	g.VMULPS(r, r, square)
	g.VFMADD213PS(r, square, p)
	g.VSUBPS(g.at("1"), power, v)
	g.VFMADD231PS(power, p, v)
}

func (g *function) tanh(v reg.VecVirtual) {
	x, a, sign := g.copyOf(v), g.vec(), g.constant("sign")
	g.VANDNPS(v, sign, a)
	t := g.vec()
	g.VMULPS(x, x, t)
	p := g.horner(t, "t4", "t3", "t2", "t1", "t0")
	g.VMULPS(t, p, p)
	g.VFMADD213PS(x, x, p)
	small := g.vec()
	g.VCMPPS(operand.Imm(1), g.at("tanhSmall"), a, small)
	g.VADDPS(a, a, v)
	g.exp1(v, false)
	g.divide(g.constant("2"), v)
	one := g.constant("1")
	g.VSUBPS(v, one, v)
	g.VANDPS(sign, x, x)
	g.VORPS(x, v, v)
	g.VBLENDVPS(small, p, v, v)
}

func (g *function) erf(v reg.VecVirtual) {
	g.withinConstants(v, "erfLeast", "erfMost")
	t := g.vec()
	g.VMULPS(v, v, t)
	p := g.horner(t, "p5", "p4", "p3", "p2", "p1", "p0")
	q := g.horner(t, "q5", "q4", "q3", "q2", "q1", "1")
	g.VMULPS(v, p, v)
	g.VDIVPS(q, v, v)
	g.withinConstants(v, "-1", "1")
}
