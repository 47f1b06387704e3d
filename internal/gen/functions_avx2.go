package main

import (
	"slices"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The pieces of the functions of activateAVX2 and activateAVX512. Each does what the Go function of the
// same name in kernel/activation_functions.go does. VMAXPS and VMINPS return their
// second source where either is NaN, so that the value is always that one.

// at is a constant: a register, if it was hoisted, or its eight copies in the table.
func (g *function) at(name string) operand.Op {
	g.used = append(g.used, name)
	if v, ok := g.hoisted[name]; ok {
		return g.half(v)
	}
	return operand.Mem{Base: g.table, Disp: 32 * slices.Index(constants, name)}
}

// hoist loads constants into registers for the rest of the kind's code, for a loop has
// fewer loads then.
func (g *function) hoist(names ...string) {
	g.hoisted = map[string]reg.VecVirtual{}
	for _, name := range names {
		v := g.vec()
		if g.wide {
			g.asm.VBROADCASTSS(g.at(name), v)
		} else {
			g.asm.VMOVUPS(g.at(name), v)
		}
		g.hoisted[name] = v
	}
}

// constant is a register that holds a constant, not to be changed.
func (g *function) constant(name string) reg.VecVirtual {
	g.used = append(g.used, name)
	if v, ok := g.hoisted[name]; ok {
		return g.half(v)
	}
	return g.load(name)
}

// load is a register that holds a constant.
func (g *function) load(name string) reg.VecVirtual {
	v := g.vec()
	g.asm.VMOVUPS(g.at(name), v)
	return v
}

func (g *function) copyOf(v reg.VecVirtual) reg.VecVirtual {
	x := g.vec()
	g.asm.VMOVAPS(v, x)
	return x
}

// within limits v.
func (g *function) within(v, lo, hi reg.VecVirtual) {
	g.asm.VMAXPS(v, lo, v)
	g.asm.VMINPS(v, hi, v)
}

func (g *function) withinConstants(v reg.VecVirtual, lo, hi string) {
	g.within(v, g.constant(lo), g.constant(hi))
}

// divide makes v what a divided by v is.
func (g *function) divide(a, v reg.VecVirtual) { g.asm.VDIVPS(v, a, v) }

// horner is the polynomial of x with these coefficients, the highest first.
func (g *function) horner(x reg.VecVirtual, first string, others ...string) reg.VecVirtual {
	p := g.load(first)
	for _, name := range others {
		g.asm.VFMADD213PS(g.at(name), x, p)
	}
	return p
}

// less is where x is less than a constant: a vector, or a mask of AVX-512.
func (g *function) less(x reg.VecVirtual, name string) reg.Register {
	const lessThan = operand.U8(1)
	var where reg.Register = g.asm.K()
	if !g.wide {
		where = g.vec()
	}
	g.asm.VCMPPS(lessThan, g.at(name), x, where)
	return where
}

// blend makes v what a is where less found it, and what b is elsewhere.
func (g *function) blend(where reg.Register, a, b, v reg.VecVirtual) {
	if g.wide {
		g.asm.VBLENDMPS(a, b, where, v)
	} else {
		g.asm.VBLENDVPS(where, a, b, v)
	}
}

// onlyNegative makes v what x is where x is not negative.
func (g *function) onlyNegative(v, x reg.VecVirtual) {
	g.blend(g.less(x, "0"), v, x, v)
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
		g.asm.VFNMADD231PS(g.at("log2e"), x, t)
		g.asm.VSUBPS(g.at("rounder"), t, n)
		g.asm.VFNMSUB231PS(g.at("ln2Hi"), n, r)
	} else {
		g.withinConstants(x, "expLowest", "expHighest")
		g.asm.VFMADD231PS(g.at("log2e"), x, t)
		g.asm.VSUBPS(g.at("rounder"), t, n)
		g.asm.VFNMADD231PS(g.at("ln2Hi"), n, r)
	}
	g.asm.VFNMADD231PS(g.at("ln2Lo"), n, r)
	g.asm.VPSLLD(operand.Imm(23), t, t)
	g.asm.VPADDD(g.at("1"), t, t)
	return g.horner(r, "e5", "e4", "e3", "e2", "e1", "e0"), r, t
}

// expReduced is exp(r), in p. It changes r.
func (g *function) expReduced(p, r reg.VecVirtual) {
	square := g.vec()
	g.asm.VMULPS(r, r, square)
	g.asm.VADDPS(g.at("1"), r, r)
	g.asm.VFMADD213PS(r, square, p)
}

func (g *function) exp(v reg.VecVirtual) {
	p, r, power := g.expParts(v, false)
	g.expReduced(p, r)
	g.asm.VMULPS(power, p, v)
}

// exp1 makes v exp(v)+1, or exp(-v)+1.
func (g *function) exp1(v reg.VecVirtual, negative bool) {
	p, r, power := g.expParts(v, negative)
	g.expReduced(p, r)
	g.asm.VFMADD213PS(g.at("1"), power, p)
	g.asm.VMOVAPS(p, v)
}

// expm1 makes v exp(v)-1.
func (g *function) expm1(v reg.VecVirtual) {
	p, r, power := g.expParts(v, false)
	square := g.vec()
	g.asm.VMULPS(r, r, square)
	g.asm.VFMADD213PS(r, square, p)
	g.asm.VSUBPS(g.at("1"), power, v)
	g.asm.VFMADD231PS(power, p, v)
}

func (g *function) tanh(v reg.VecVirtual) {
	x, a, sign := g.copyOf(v), g.vec(), g.constant("sign")
	g.asm.VANDNPS(v, sign, a)
	t := g.vec()
	g.asm.VMULPS(x, x, t)
	p := g.horner(t, "t4", "t3", "t2", "t1", "t0")
	g.asm.VMULPS(t, p, p)
	g.asm.VFMADD213PS(x, x, p)
	small := g.less(a, "tanhSmall")
	g.asm.VADDPS(a, a, v)
	g.exp1(v, false)
	g.divide(g.constant("2"), v)
	one := g.constant("1")
	g.asm.VSUBPS(v, one, v)
	g.asm.VANDPS(sign, x, x)
	g.asm.VORPS(x, v, v)
	g.blend(small, p, v, v)
}

func (g *function) erf(v reg.VecVirtual) {
	g.withinConstants(v, "erfLeast", "erfMost")
	t := g.vec()
	g.asm.VMULPS(v, v, t)
	p := g.horner(t, "p5", "p4", "p3", "p2", "p1", "p0")
	q := g.horner(t, "q5", "q4", "q3", "q2", "q1", "1")
	g.asm.VMULPS(v, p, v)
	g.asm.VDIVPS(q, v, v)
	g.withinConstants(v, "-1", "1")
}
