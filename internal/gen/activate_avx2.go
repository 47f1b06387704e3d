package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activateAVX2 is the unit of the activations that no epilogue has. It computes the
// formulas of kernel/activation_functions.go, operation by operation.
func activateAVX2() *build.Context { return activateOf(vectors{newContext(), 8}) }

func activateOf(v vectors) *build.Context {
	ctx := v.asm
	begin(ctx, "Activate", "func(mem *float32, src, dst *int32, off, c, vecs int, table *float32"+activationArgs+")")
	ctx.Doc("Activate writes act(src) for c planes of vecs vectors, vecs at least 1, that begin off elements",
		"further than the tables say. table has eight of each constant, in the order of package kernel's activationTable. dst may be src.")
	table := ctx.GP64()
	ctx.Load(ctx.Param("table"), table)
	for kind, f := range functions {
		if f.apply == nil {
			continue
		}
		next := fmt.Sprintf("not%d", kind)
		ctx.CMPQ(param(ctx, "act"), operand.Imm(uint64(kind)))
		ctx.JNE(operand.LabelRef(next))
		g := &function{vectors: v, table: table, wide: v.lanes == 16}
		g.lo, g.hi = spread(ctx, "lo", g.vec()), spread(ctx, "hi", g.vec())
		if g.wide {
			f.hoisted = constantsOf(f.apply)
		}
		g.hoist(f.hoisted...)
		g.planes(kind, f.apply)
		ctx.Label(next)
	}
	ctx.RET() // the identity
	return ctx
}

// functions are the kinds that package kernel knows, by number. Each changes a vector.
var functions = []kindOf{
	{}, // identity
	{nil, func(g *function, v reg.VecVirtual) { g.asm.VMAXPS(v, g.lo, v) }},
	{nil, func(g *function, v reg.VecVirtual) { g.within(v, g.lo, g.hi) }},
	{[]string{"0", "1"}, func(g *function, v reg.VecVirtual) { // hardsigmoid
		g.asm.VMULPS(g.lo, v, v)
		g.asm.VADDPS(g.hi, v, v)
		g.withinConstants(v, "0", "1")
	}},
	{[]string{"0", "3", "6", "sixth"}, func(g *function, v reg.VecVirtual) { // hardswish
		x := g.copyOf(v)
		g.asm.VADDPS(g.at("3"), v, v)
		g.withinConstants(v, "0", "6")
		g.asm.VMULPS(g.at("sixth"), v, v)
		g.asm.VMULPS(x, v, v)
	}},
	{expConstants, func(g *function, v reg.VecVirtual) { // sigmoid
		g.exp1(v, true)
		g.divide(g.constant("1"), v)
	}},
	{expConstants, func(g *function, v reg.VecVirtual) { // silu
		x := g.copyOf(v)
		g.exp1(v, true)
		g.divide(x, v)
	}},
	{nil, (*function).tanh},
	{[]string{"p3", "q3"}, func(g *function, v reg.VecVirtual) { // gelu
		x := g.copyOf(v)
		g.asm.VMULPS(g.at("rootHalf"), v, v)
		g.erf(v)
		g.asm.VADDPS(g.at("1"), v, v)
		g.asm.VMULPS(g.at("half"), v, v)
		g.asm.VMULPS(x, v, v)
	}},
	{expConstants, func(g *function, v reg.VecVirtual) { // gelu by tanh
		x, u := g.copyOf(v), g.vec()
		g.asm.VMULPS(v, v, v)
		g.asm.VMOVUPS(g.at("geluInner"), u)
		g.asm.VFMADD231PS(g.at("geluCube"), v, u)
		g.asm.VMULPS(x, u, v)
		g.exp1(v, false)
		g.divide(x, v)
	}},
	{expConstants, func(g *function, v reg.VecVirtual) { // mish
		x, w := g.copyOf(v), g.vec()
		most := g.constant("mishMost")
		g.asm.VMINPS(v, most, v)
		g.exp(v)
		g.asm.VADDPS(g.at("2"), v, w)
		g.asm.VMULPS(v, w, w)
		g.asm.VADDPS(g.at("2"), w, v)
		g.divide(w, v)
		g.asm.VMULPS(x, v, v)
	}},
	{nil, func(g *function, v reg.VecVirtual) { // leakyrelu
		x := g.copyOf(v)
		g.asm.VMULPS(g.lo, v, v)
		g.onlyNegative(v, x)
	}},
	{expConstants[:2], func(g *function, v reg.VecVirtual) { // elu
		x := g.copyOf(v)
		g.expm1(v)
		g.asm.VMULPS(g.lo, v, v)
		g.onlyNegative(v, x)
	}},
}

// kindOf is a kind: the constants that the loop keeps in registers, and what it does.
type kindOf struct {
	hoisted []string
	apply   func(g *function, v reg.VecVirtual)
}

// constants names the entries of package kernel's activationTable.
var constants = []string{
	"expLowest", "expHighest", "-expHighest", "-expLowest", "log2e", "rounder", "ln2Hi", "ln2Lo", "e0", "e1", "e2", "e3", "e4", "e5",
	"tanhSmall", "t0", "t1", "t2", "t3", "t4", "erfMost", "erfLeast", "p0", "p1", "p2", "p3", "p4", "p5", "q1", "q2", "q3", "q4", "q5",
	"rootHalf", "geluInner", "geluCube", "mishMost", "sixth", "0", "half", "1", "-1", "2", "3", "6", "sign",
}

// function is where a kind is emitted.
type function struct {
	vectors
	table   reg.GPVirtual
	lo, hi  reg.VecVirtual
	hoisted map[string]reg.VecVirtual
	wide    bool     // AVX-512, of which the present vector may be a half
	used    []string // the constants that the code asked for
}

// planes emits the loops over planes and vectors.
func (g *function) planes(kind int, f func(g *function, v reg.VecVirtual)) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, kind) }
	c, src, dst, mem, end, at := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("off"), at)
	g.asm.Load(g.asm.Param("mem"), mem)
	g.asm.LEAQ(operand.Mem{Base: mem, Index: at, Scale: 4}, mem)
	g.asm.Load(g.asm.Param("vecs"), end)
	g.asm.IMUL3Q(operand.Imm(32), end, end)
	g.asm.XORQ(c, c)
	g.asm.Label(label("planes"))
	for _, t := range []struct {
		name string
		at   reg.GPVirtual
	}{{"src", src}, {"dst", dst}} {
		p := t.at
		g.asm.Load(g.asm.Param(t.name), p)
		g.asm.MOVLQSX(operand.Mem{Base: p, Index: c, Scale: 4}, p)
		g.asm.LEAQ(operand.Mem{Base: mem, Index: p, Scale: 4}, p)
	}
	g.asm.XORQ(at, at)
	if g.wide {
		g.wideVectors(label, src, dst, at, end, f)
	} else {
		g.pairs(label, src, dst, at, end, f)
	}
	g.asm.Label(label("done"))
	g.asm.INCQ(c)
	left := g.asm.GP64()
	g.asm.Load(g.asm.Param("c"), left)
	g.asm.CMPQ(c, left)
	g.asm.JLT(operand.LabelRef(label("planes")))
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// pairs emits the loop over a plane's vectors, two abreast, and what it does to an odd last
// one.
func (g *function) pairs(label func(string) string, src, dst, at, end reg.GPVirtual, f func(g *function, v reg.VecVirtual)) {
	next := g.asm.GP64()
	g.asm.Label(label("pairs"))
	g.asm.LEAQ(operand.Mem{Base: at, Disp: 2 * g.bytes()}, next)
	g.asm.CMPQ(next, end)
	g.asm.JGT(operand.LabelRef(label("rest")))
	abreast(g.asm, func() { g.vector(src, dst, at, 0, f) }, func() { g.vector(src, dst, at, 1, f) })
	g.asm.MOVQ(next, at)
	g.asm.JMP(operand.LabelRef(label("pairs")))
	g.asm.Label(label("rest"))
	g.asm.CMPQ(at, end)
	g.asm.JGE(operand.LabelRef(label("done")))
	g.vector(src, dst, at, 0, f)
}

// vector emits f on the i-th vector from at on.
func (g *function) vector(src, dst, at reg.GPVirtual, i int, f func(g *function, v reg.VecVirtual)) {
	v := g.vec()
	g.asm.VMOVUPS(operand.Mem{Base: src, Index: at, Scale: 1, Disp: g.bytes() * i}, v)
	f(g, v)
	g.asm.VMOVUPS(v, operand.Mem{Base: dst, Index: at, Scale: 1, Disp: g.bytes() * i})
}
