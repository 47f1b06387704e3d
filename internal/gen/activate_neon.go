package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// activateNEON is the unit of the activations that no epilogue has, as activateAVX2.
func activateNEON(f *arm64.File) {
	g := f.Func("Activate", "func(mem *float32, src, dst *int32, off, c, vecs int, table *float32"+activationArgs+")",
		"Activate writes act(src) for c planes of vecs times 8 pixels, vecs at least 1, that begin off elements",
		"further than the tables say. table has eight of each constant, in the order of package kernel's activationTable. dst may be src.")
	table, act := g.Load("table"), g.Load("act")
	for kind, k := range functionsNEON {
		if k.apply == nil {
			continue
		}
		next := fmt.Sprintf("not%d", kind)
		g.CMPI(kind, act)
		g.BC("NE", next)
		g.Scope(func() {
			fn := &functionNEON{g, table, g.Broadcast("lo"), g.Broadcast("hi"), map[string]arm64.V{}}
			for _, name := range k.constants {
				fn.at(name)
			}
			fn.planes(kind, k)
		})
		g.Label(next)
	}
	g.RET() // the identity
}

// kindNEON is a kind: the constants that it uses, how many vectors of 4 go abreast (two,
// where there are registers for that), and what it does to them.
type kindNEON struct {
	constants []string
	abreast   int
	apply     func(g *functionNEON, v []arm64.V)
}

var expConstantsNEON = []string{"expLowest", "expHighest", "log2e", "rounder", "ln2Hi", "ln2Lo", "e0", "e1", "e2", "e3", "e4", "e5", "1"}

// withExp are the constants of exp and others.
func withExp(more ...string) []string {
	return append(append([]string(nil), expConstantsNEON...), more...)
}

// functionsNEON are the kinds that package kernel knows, by number.
var functionsNEON = []kindNEON{
	{}, // identity
	{nil, 2, func(g *functionNEON, v []arm64.V) {
		mask := g.Vs(len(v))
		g.each(v, func(i int) { g.FCMGT(v[i], g.lo, mask[i]) })
		g.each(v, func(i int) { g.VBIT(mask[i], g.lo, v[i]) })
	}},
	{nil, 2, func(g *functionNEON, v []arm64.V) { g.within(v, g.lo, g.hi) }},
	{[]string{"0", "1"}, 2, func(g *functionNEON, v []arm64.V) { // hardsigmoid
		g.each(v, func(i int) { g.FMUL(g.lo, v[i], v[i]) })
		g.each(v, func(i int) { g.FADD(g.hi, v[i], v[i]) })
		g.within(v, g.at("0"), g.at("1"))
	}},
	{[]string{"0", "3", "6", "sixth"}, 2, func(g *functionNEON, v []arm64.V) { // hardswish
		x := g.copyOf(v)
		g.each(v, func(i int) { g.FADD(g.at("3"), v[i], v[i]) })
		g.within(v, g.at("0"), g.at("6"))
		g.each(v, func(i int) { g.FMUL(g.at("sixth"), v[i], v[i]) })
		g.each(v, func(i int) { g.FMUL(x[i], v[i], v[i]) })
	}},
	{expConstantsNEON, 2, func(g *functionNEON, v []arm64.V) { // sigmoid
		g.exp1(v, true)
		g.each(v, func(i int) { g.FDIV(v[i], g.at("1"), v[i]) })
	}},
	{expConstantsNEON, 2, func(g *functionNEON, v []arm64.V) { // silu
		x := g.copyOf(v)
		g.exp1(v, true)
		g.each(v, func(i int) { g.FDIV(v[i], x[i], v[i]) })
	}},
	{withExp("2", "sign", "tanhSmall", "t0", "t1", "t2", "t3", "t4"), 1, (*functionNEON).tanh},
	{[]string{"rootHalf", "erfLeast", "erfMost", "p0", "p1", "p2", "p3", "p4", "p5", "q1", "q2", "q3", "q4", "q5", "1", "-1", "half"}, 2,
		func(g *functionNEON, v []arm64.V) { // gelu
			x := g.copyOf(v)
			g.each(v, func(i int) { g.FMUL(g.at("rootHalf"), v[i], v[i]) })
			g.erf(v)
			g.each(v, func(i int) { g.FADD(g.at("1"), v[i], v[i]) })
			g.each(v, func(i int) { g.FMUL(g.at("half"), v[i], v[i]) })
			g.each(v, func(i int) { g.FMUL(x[i], v[i], v[i]) })
		}},
	{withExp("geluInner", "geluCube"), 2, func(g *functionNEON, v []arm64.V) { // gelu by tanh
		x, u := g.copyOf(v), g.load("geluInner", len(v))
		g.each(v, func(i int) { g.FMUL(v[i], v[i], v[i]) })
		g.each(v, func(i int) { g.VFMLA(g.at("geluCube"), v[i], u[i]) })
		g.each(v, func(i int) { g.FMUL(x[i], u[i], v[i]) })
		g.Free(u)
		g.exp1(v, false)
		g.each(v, func(i int) { g.FDIV(v[i], x[i], v[i]) })
	}},
	{withExp("mishMost", "2"), 2, func(g *functionNEON, v []arm64.V) { // mish
		x := g.copyOf(v)
		g.each(v, func(i int) { g.FMIN(g.at("mishMost"), v[i], v[i]) })
		g.exp(v)
		w := g.Vs(len(v))
		g.each(v, func(i int) { g.FADD(g.at("2"), v[i], w[i]) })
		g.each(v, func(i int) { g.FMUL(v[i], w[i], w[i]) })
		g.each(v, func(i int) { g.FADD(g.at("2"), w[i], v[i]) })
		g.each(v, func(i int) { g.FDIV(v[i], w[i], v[i]) })
		g.each(v, func(i int) { g.FMUL(x[i], v[i], v[i]) })
	}},
	{[]string{"0"}, 2, func(g *functionNEON, v []arm64.V) { // leakyrelu
		x := g.copyOf(v)
		g.each(v, func(i int) { g.FMUL(g.lo, v[i], v[i]) })
		g.onlyNegative(v, x)
	}},
	{withExp("0"), 2, func(g *functionNEON, v []arm64.V) { // elu
		x := g.copyOf(v)
		g.expm1(v)
		g.each(v, func(i int) { g.FMUL(g.lo, v[i], v[i]) })
		g.onlyNegative(v, x)
	}},
}

// planes emits the loops over planes and vectors.
func (g *functionNEON) planes(kind int, k kindNEON) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, kind) }
	mem, off, c, vecs, n := g.Load("mem"), g.Load("off"), g.Load("c"), g.Load("vecs"), g.GP()
	src, dst, from, to := g.Load("src"), g.Load("dst"), g.GP(), g.GP()
	g.ADDL(off, 2, mem, mem)
	g.Label(label("planes"))
	g.LoadW(arm64.Post(src, 4), from)
	g.LoadW(arm64.Post(dst, 4), to)
	g.ADDL(from, 2, mem, from)
	g.ADDL(to, 2, mem, to)
	g.MOVD(vecs, n)
	if k.abreast == 1 {
		g.LSL(1, n, n)
	}
	g.PCALIGN(16)
	g.Label(label("vectors"))
	g.Scope(func() {
		v := g.Vs(k.abreast)
		g.VLD1s(arm64.Post(from, 16*len(v)), v)
		k.apply(g, v)
		g.VST1s(v, arm64.Post(to, 16*len(v)))
	})
	g.SUBSI(1, n, n)
	g.BC("NE", label("vectors"))
	g.SUBSI(1, c, c)
	g.BC("NE", label("planes"))
	g.RET()
}
