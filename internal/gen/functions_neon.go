package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// The pieces of the functions of activateNEON, as functions_avx2.go has AVX2's: each does
// what the Go function of the same name in kernel/activation_functions.go does, to as many
// vectors abreast as it is given. What compares and selects, instead of FMAX and FMIN,
// keeps a negative zero as the reference does.

// functionNEON is where a kind is emitted.
type functionNEON struct {
	*arm64.Func
	table  arm64.GP
	lo, hi arm64.V
	loaded map[string]arm64.V // constants in registers
}

// at is a constant in a register.
func (g *functionNEON) at(name string) arm64.V {
	if v, ok := g.loaded[name]; ok {
		return v
	}
	v := g.V()
	for i, c := range constants {
		if c == name {
			g.FMOVQ(arm64.At(g.table, 32*i), v)
			g.loaded[name] = v
			return v
		}
	}
	panic("no constant " + name)
}

// load makes each of n new vectors a constant.
func (g *functionNEON) load(name string, n int) []arm64.V {
	vs := g.Vs(n)
	for _, v := range vs {
		g.VMOV(g.at(name), v)
	}
	return vs
}

func (g *functionNEON) copyOf(v []arm64.V) []arm64.V {
	c := g.Vs(len(v))
	for i := range c {
		g.VMOV(v[i], c[i])
	}
	return c
}

// each emits f for each of so many vectors.
func (g *functionNEON) each(v []arm64.V, f func(i int)) {
	for i := range v {
		f(i)
	}
}

func (g *functionNEON) within(v []arm64.V, lo, hi arm64.V) {
	mask := g.Vs(len(v))
	g.each(v, func(i int) { g.FCMGT(v[i], lo, mask[i]) })
	g.each(v, func(i int) { g.VBIT(mask[i], lo, v[i]) })
	g.each(v, func(i int) { g.FCMGT(hi, v[i], mask[i]) })
	g.each(v, func(i int) { g.VBIT(mask[i], hi, v[i]) })
	g.Free(mask)
}

// horner is the polynomial of x with these coefficients, the highest first.
func (g *functionNEON) horner(x []arm64.V, first string, others ...string) []arm64.V {
	p := g.load(others[0], len(x))
	g.each(x, func(i int) { g.VFMLA(g.at(first), x[i], p[i]) })
	for _, name := range others[1:] {
		next := g.load(name, len(x))
		g.each(x, func(i int) { g.VFMLA(p[i], x[i], next[i]) })
		g.Free(p)
		p = next
	}
	return p
}

// onlyNegative makes v what x is where x is not negative.
func (g *functionNEON) onlyNegative(v, x []arm64.V) {
	mask := g.Vs(len(v))
	g.each(v, func(i int) { g.FCMGT(x[i], g.at("0"), mask[i]) })
	g.each(v, func(i int) { g.VBIF(mask[i], x[i], v[i]) })
	g.Free(mask)
}

// expParts changes x. With negative the argument is -x.
func (g *functionNEON) expParts(x []arm64.V, negative bool) (p, r, power []arm64.V) {
	if negative {
		g.each(x, func(i int) { g.FNEG(x[i], x[i]) })
	}
	g.within(x, g.at("expLowest"), g.at("expHighest"))
	t, n := g.load("rounder", len(x)), g.Vs(len(x))
	g.each(x, func(i int) { g.VFMLA(g.at("log2e"), x[i], t[i]) })
	g.each(x, func(i int) { g.FSUB(g.at("rounder"), t[i], n[i]) })
	g.each(x, func(i int) { g.VFMLS(g.at("ln2Hi"), n[i], x[i]) })
	g.each(x, func(i int) { g.VFMLS(g.at("ln2Lo"), n[i], x[i]) })
	g.each(x, func(i int) { g.VSHL(23, t[i], t[i]) })
	g.each(x, func(i int) { g.VADD(g.at("1"), t[i], t[i]) })
	g.Free(n)
	return g.horner(x, "e5", "e4", "e3", "e2", "e1", "e0"), x, t
}

// expReduced is exp(r), in r.
func (g *functionNEON) expReduced(p, r []arm64.V) {
	square := g.Vs(len(r))
	g.each(r, func(i int) { g.FMUL(r[i], r[i], square[i]) })
	g.each(r, func(i int) { g.FADD(g.at("1"), r[i], r[i]) })
	g.each(r, func(i int) { g.VFMLA(p[i], square[i], r[i]) })
	g.Free(square)
}

func (g *functionNEON) exp(v []arm64.V) {
	p, r, power := g.expParts(v, false)
	g.expReduced(p, r)
	g.each(v, func(i int) { g.FMUL(power[i], r[i], v[i]) })
	g.Free(p, power)
}

// exp1 makes v exp(v)+1, or exp(-v)+1.
func (g *functionNEON) exp1(v []arm64.V, negative bool) {
	p, r, power := g.expParts(v, negative)
	g.expReduced(p, r)
	g.Free(p)
	one := g.load("1", len(v))
	g.each(v, func(i int) { g.VFMLA(power[i], r[i], one[i]) })
	g.each(v, func(i int) { g.VMOV(one[i], v[i]) })
	g.Free(one, power)
}

// expm1 makes v exp(v)-1.
func (g *functionNEON) expm1(v []arm64.V) {
	p, r, power := g.expParts(v, false)
	square := g.Vs(len(v))
	g.each(v, func(i int) { g.FMUL(r[i], r[i], square[i]) })
	g.each(v, func(i int) { g.VFMLA(p[i], square[i], r[i]) })
	g.each(v, func(i int) { g.FSUB(g.at("1"), power[i], p[i]) })
	g.each(v, func(i int) { g.VFMLA(power[i], r[i], p[i]) })
	g.each(v, func(i int) { g.VMOV(p[i], v[i]) })
	g.Free(p, power, square)
}

func (g *functionNEON) tanh(v []arm64.V) {
	x, a, t := g.copyOf(v), g.Vs(len(v)), g.Vs(len(v))
	g.each(v, func(i int) { g.FABS(v[i], a[i]) })
	g.each(v, func(i int) { g.FMUL(v[i], v[i], t[i]) })
	p := g.horner(t, "t4", "t3", "t2", "t1", "t0")
	g.each(v, func(i int) { g.FMUL(t[i], p[i], p[i]) })
	g.each(v, func(i int) { g.VMOV(x[i], t[i]) })
	g.each(v, func(i int) { g.VFMLA(p[i], x[i], t[i]) }) // where |x| is small
	g.each(v, func(i int) { g.FADD(a[i], a[i], v[i]) })
	g.Free(p)
	g.exp1(v, false)
	g.each(v, func(i int) { g.FDIV(v[i], g.at("2"), v[i]) })
	g.each(v, func(i int) { g.FSUB(v[i], g.at("1"), v[i]) })
	g.each(v, func(i int) { g.VAND(g.at("sign"), x[i], x[i]) })
	g.each(v, func(i int) { g.VORR(x[i], v[i], v[i]) })
	g.each(v, func(i int) { g.FCMGT(a[i], g.at("tanhSmall"), x[i]) })
	g.each(v, func(i int) { g.VBIT(x[i], t[i], v[i]) })
	g.Free(x, a, t)
}

func (g *functionNEON) erf(v []arm64.V) {
	g.within(v, g.at("erfLeast"), g.at("erfMost"))
	t := g.Vs(len(v))
	g.each(v, func(i int) { g.FMUL(v[i], v[i], t[i]) })
	p := g.horner(t, "p5", "p4", "p3", "p2", "p1", "p0")
	g.each(v, func(i int) { g.FMUL(v[i], p[i], v[i]) })
	g.Free(p)
	q := g.horner(t, "q5", "q4", "q3", "q2", "q1", "1")
	g.each(v, func(i int) { g.FDIV(q[i], v[i], v[i]) })
	g.Free(q, t)
	g.within(v, g.at("-1"), g.at("1"))
}
