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
	ctx := v.Context
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
		g := &function{vectors: v, table: table}
		g.lo, g.hi = spread(ctx, "lo", v.vec()), spread(ctx, "hi", v.vec())
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
		g.plus("3", v, v)
		g.withinConstants(v, "0", "6")
		g.times("sixth", v, v)
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
		g.times("rootHalf", v, v)
		g.erf(v)
		g.plus("1", v, v)
		g.times("half", v, v)
		g.VMULPS(x, v, v)
	},
	func(g *function, v reg.VecVirtual) { // gelu by tanh
		x := g.copyOf(v)
		g.VMULPS(v, v, v)
		g.times("geluCube", v, v)
		g.plus("geluInner", v, v)
		g.VMULPS(x, v, v)
		g.exp(v)
		g.plus("1", v, v)
		g.divide(x, v)
	},
	func(g *function, v reg.VecVirtual) { // mish
		x, w := g.copyOf(v), g.vec()
		most := g.constant("mishMost")
		g.VMINPS(v, most, v)
		g.exp(v)
		g.plus("2", v, w)
		g.VMULPS(v, w, w)
		g.plus("2", w, v)
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
		m, power := g.expParts(v)
		s := g.value(power)
		g.VMULPS(s, m, m)
		g.minus("1", s, s)
		g.VADDPS(s, m, v)
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
	vectors
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
	if g.lanes == 16 {
		g.pairs(label, src, dst, at, end, f)
	} else {
		g.Label(label("vectors"))
		g.step(src, dst, at, f)
		g.CMPQ(at, end)
		g.JLT(operand.LabelRef(label("vectors")))
	}
	g.INCQ(c)
	left := g.GP64()
	g.Load(g.Param("c"), left)
	g.CMPQ(c, left)
	g.JLT(operand.LabelRef(label("planes")))
	g.VZEROUPPER()
	g.RET()
}

// step computes the vector at byte at of src and dst, and moves on.
func (g *function) step(src, dst, at reg.GPVirtual, f func(g *function, v reg.VecVirtual)) {
	v := g.vec()
	g.VMOVUPS(operand.Mem{Base: src, Index: at, Scale: 1}, v)
	f(g, v)
	g.VMOVUPS(v, operand.Mem{Base: dst, Index: at, Scale: 1})
	g.ADDQ(operand.Imm(uint64(g.bytes())), at)
}
