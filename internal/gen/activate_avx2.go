package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activateAVX2 is the unit of the activations that no epilogue has. It computes the
// formulas of kernel/activation_functions.go, operation by operation.
func activateAVX2() *build.Context {
	ctx := newContext()
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
		g := &function{vectors: vectors{ctx, 8}, table: table}
		g.lo, g.hi = spread(ctx, "lo", g.vec()), spread(ctx, "hi", g.vec())
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
	{nil, func(g *function, v reg.VecVirtual) { g.VMAXPS(v, g.lo, v) }},
	{nil, func(g *function, v reg.VecVirtual) { g.within(v, g.lo, g.hi) }},
	{[]string{"0", "1"}, func(g *function, v reg.VecVirtual) { // hardsigmoid
		g.VMULPS(g.lo, v, v)
		g.VADDPS(g.hi, v, v)
		g.withinConstants(v, "0", "1")
	}},
	{[]string{"0", "3", "6", "sixth"}, func(g *function, v reg.VecVirtual) { // hardswish
		x := g.copyOf(v)
		g.VADDPS(g.at("3"), v, v)
		g.withinConstants(v, "0", "6")
		g.VMULPS(g.at("sixth"), v, v)
		g.VMULPS(x, v, v)
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
		g.VMULPS(g.at("rootHalf"), v, v)
		g.erf(v)
		g.VADDPS(g.at("1"), v, v)
		g.VMULPS(g.at("half"), v, v)
		g.VMULPS(x, v, v)
	}},
	{expConstants, func(g *function, v reg.VecVirtual) { // gelu by tanh
		x, u := g.copyOf(v), g.vec()
		g.VMULPS(v, v, v)
		g.VMOVUPS(g.at("geluInner"), u)
		g.VFMADD231PS(g.at("geluCube"), v, u)
		g.VMULPS(x, u, v)
		g.exp1(v, false)
		g.divide(x, v)
	}},
	{expConstants, func(g *function, v reg.VecVirtual) { // mish
		x, w := g.copyOf(v), g.vec()
		most := g.constant("mishMost")
		g.VMINPS(v, most, v)
		g.exp(v)
		g.VADDPS(g.at("2"), v, w)
		g.VMULPS(v, w, w)
		g.VADDPS(g.at("2"), w, v)
		g.divide(w, v)
		g.VMULPS(x, v, v)
	}},
	{nil, func(g *function, v reg.VecVirtual) { // leakyrelu
		x := g.copyOf(v)
		g.VMULPS(g.lo, v, v)
		g.onlyNegative(v, x)
	}},
	{expConstants[:2], func(g *function, v reg.VecVirtual) { // elu
		x := g.copyOf(v)
		g.expm1(v)
		g.VMULPS(g.lo, v, v)
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
}

// planes emits the loops over planes and vectors.
func (g *function) planes(kind int, f func(g *function, v reg.VecVirtual)) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, kind) }
	c, src, dst, mem, end, at := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("off"), at)
	g.Load(g.Param("mem"), mem)
	g.LEAQ(operand.Mem{Base: mem, Index: at, Scale: 4}, mem)
	g.Load(g.Param("vecs"), end)
	g.IMUL3Q(operand.Imm(uint64(g.bytes())), end, end)
	g.XORQ(c, c)
	g.Label(label("planes"))
	for _, t := range []struct {
		name string
		at   reg.GPVirtual
	}{{"src", src}, {"dst", dst}} {
		p := t.at
		g.Load(g.Param(t.name), p)
		g.MOVLQSX(operand.Mem{Base: p, Index: c, Scale: 4}, p)
		g.LEAQ(operand.Mem{Base: mem, Index: p, Scale: 4}, p)
	}
	g.XORQ(at, at)
	next := g.GP64()
	g.Label(label("pairs"))
	g.LEAQ(operand.Mem{Base: at, Disp: 2 * g.bytes()}, next)
	g.CMPQ(next, end)
	g.JGT(operand.LabelRef(label("rest")))
	abreast(g.Context, func() { g.vector(src, dst, at, 0, f) }, func() { g.vector(src, dst, at, 1, f) })
	g.MOVQ(next, at)
	g.JMP(operand.LabelRef(label("pairs")))
	g.Label(label("rest"))
	g.CMPQ(at, end)
	g.JGE(operand.LabelRef(label("done")))
	g.vector(src, dst, at, 0, f)
	g.Label(label("done"))
	g.INCQ(c)
	left := g.GP64()
	g.Load(g.Param("c"), left)
	g.CMPQ(c, left)
	g.JLT(operand.LabelRef(label("planes")))
	g.VZEROUPPER()
	g.RET()
}

// vector emits f on the i-th vector from at on.
func (g *function) vector(src, dst, at reg.GPVirtual, i int, f func(g *function, v reg.VecVirtual)) {
	v := g.vec()
	g.VMOVUPS(operand.Mem{Base: src, Index: at, Scale: 1, Disp: g.bytes() * i}, v)
	f(g, v)
	g.VMOVUPS(v, operand.Mem{Base: dst, Index: at, Scale: 1, Disp: g.bytes() * i})
}
