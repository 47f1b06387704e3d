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
		if f == nil {
			continue
		}
		next := fmt.Sprintf("not%d", kind)
		ctx.CMPQ(param(ctx, "act"), operand.Imm(uint64(kind)))
		ctx.JNE(operand.LabelRef(next))
		g := &function{Context: ctx, table: table}
		g.lo, g.hi = spread(ctx, "lo", ctx.YMM()), spread(ctx, "hi", ctx.YMM())
		g.planes(kind, f)
		ctx.Label(next)
	}
	ctx.RET() // the identity
	return ctx
}

// functions are the kinds that package kernel knows, by number. Each changes a vector.
var functions = []func(g *function, v reg.VecVirtual){
	nil, // identity
	func(g *function, v reg.VecVirtual) { g.VMAXPS(v, g.lo, v) },
	func(g *function, v reg.VecVirtual) { g.within(v, g.lo, g.hi) },
	func(g *function, v reg.VecVirtual) { // hardsigmoid
		g.VMULPS(g.lo, v, v)
		g.VADDPS(g.hi, v, v)
		g.withinConstants(v, "0", "1")
	},
	func(g *function, v reg.VecVirtual) { // hardswish
		x := g.copyOf(v)
		g.VADDPS(g.at("3"), v, v)
		g.withinConstants(v, "0", "6")
		g.VMULPS(g.at("sixth"), v, v)
		g.VMULPS(x, v, v)
	},
	func(g *function, v reg.VecVirtual) { // sigmoid
		g.expNegative(v)
		g.divide(g.constant("1"), v)
	},
	func(g *function, v reg.VecVirtual) { // silu
		x := g.copyOf(v)
		g.expNegative(v)
		g.divide(x, v)
	},
	(*function).tanh,
	func(g *function, v reg.VecVirtual) { // gelu
		x := g.copyOf(v)
		g.VMULPS(g.at("rootHalf"), v, v)
		g.erf(v)
		g.VADDPS(g.at("1"), v, v)
		g.VMULPS(g.at("half"), v, v)
		g.VMULPS(x, v, v)
	},
	func(g *function, v reg.VecVirtual) { // gelu by tanh
		x := g.copyOf(v)
		g.VMULPS(v, v, v)
		g.VMULPS(g.at("geluCube"), v, v)
		g.VADDPS(g.at("geluInner"), v, v)
		g.VMULPS(x, v, v)
		g.exp(v)
		g.VADDPS(g.at("1"), v, v)
		g.divide(x, v)
	},
	func(g *function, v reg.VecVirtual) { // mish
		x, w := g.copyOf(v), g.YMM()
		most := g.constant("mishMost")
		g.VMINPS(v, most, v)
		g.exp(v)
		g.VADDPS(g.at("2"), v, w)
		g.VMULPS(v, w, w)
		g.VADDPS(g.at("2"), w, v)
		g.divide(w, v)
		g.VMULPS(x, v, v)
	},
	func(g *function, v reg.VecVirtual) { // leakyrelu
		x := g.copyOf(v)
		g.VMULPS(g.lo, v, v)
		g.onlyNegative(v, x)
	},
	func(g *function, v reg.VecVirtual) { // elu
		x := g.copyOf(v)
		m, s1, s2 := g.expParts(v)
		g.VMULPS(s2, s1, s1)
		g.VMULPS(s1, m, m)
		g.VSUBPS(g.at("1"), s1, s1)
		g.VADDPS(s1, m, v)
		g.VMULPS(g.lo, v, v)
		g.onlyNegative(v, x)
	},
}

// constants names the entries of package kernel's activationTable.
var constants = []string{
	"expLowest", "expHighest", "log2e", "rounder", "ln2Hi", "ln2Lo", "e0", "e1", "e2", "e3", "e4", "e5", "bias",
	"tanhSmall", "t0", "t1", "t2", "t3", "t4", "erfMost", "erfLeast", "p0", "p1", "p2", "p3", "p4", "p5", "q1", "q2", "q3", "q4", "q5",
	"rootHalf", "geluInner", "geluCube", "mishMost", "sixth", "0", "half", "1", "-1", "2", "3", "6", "sign",
}

// function is where a kind is emitted.
type function struct {
	*build.Context
	table  reg.GPVirtual
	lo, hi reg.VecVirtual
}

// planes emits the loops over planes and vectors.
func (g *function) planes(kind int, f func(g *function, v reg.VecVirtual)) {
	label := func(s string) string { return fmt.Sprintf("%s%d", s, kind) }
	c, src, dst, mem, end, at := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("off"), at)
	g.Load(g.Param("mem"), mem)
	g.LEAQ(operand.Mem{Base: mem, Index: at, Scale: 4}, mem)
	g.Load(g.Param("vecs"), end)
	g.SHLQ(operand.Imm(5), end)
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
	g.Label(label("vectors"))
	v := g.YMM()
	g.VMOVUPS(operand.Mem{Base: src, Index: at, Scale: 1}, v)
	f(g, v)
	g.VMOVUPS(v, operand.Mem{Base: dst, Index: at, Scale: 1})
	g.ADDQ(operand.Imm(32), at)
	g.CMPQ(at, end)
	g.JLT(operand.LabelRef(label("vectors")))
	g.INCQ(c)
	left := g.GP64()
	g.Load(g.Param("c"), left)
	g.CMPQ(c, left)
	g.JLT(operand.LabelRef(label("planes")))
	g.VZEROUPPER()
	g.RET()
}
