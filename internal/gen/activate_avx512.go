package main

import (
	"slices"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// activateAVX512 is activateAVX2 for AVX-512, with the same bits. There are registers for
// all constants of a kind. A processor finds enough to do in the next vector: each
// instruction keeps a double-pumped unit for two cycles.
func activateAVX512() *build.Context { return activateOf(vectors{newContext(), 16}) }

// constantsOf is the constants that f asks for, found by a trial.
func constantsOf(f func(g *function, v reg.VecVirtual)) []string {
	ctx := newContext()
	begin(ctx, "Trial", "func()")
	g := &function{vectors: vectors{ctx, 16}, wide: true, hoisted: map[string]reg.VecVirtual{}}
	for _, name := range constants {
		g.hoisted[name] = g.vec()
	}
	g.lo, g.hi = g.vec(), g.vec()
	f(g, g.vec())
	slices.Sort(g.used)
	return slices.Compact(g.used)
}

// half is the part of a register that the present vector has.
func (g *function) half(v reg.VecVirtual) reg.VecVirtual {
	if g.wide && g.lanes == 8 {
		return v.AsY().(reg.VecVirtual)
	}
	return v
}

// wideVectors emits the loop over a plane's vectors of 16 pixels, and what it does to the
// last 8.
func (g *function) wideVectors(label func(string) string, src, dst, at, end reg.GPVirtual, f func(g *function, v reg.VecVirtual)) {
	last := g.asm.GP64()
	g.asm.LEAQ(operand.Mem{Base: end, Disp: -g.bytes()}, last)
	g.asm.CMPQ(at, last)
	g.asm.JGT(operand.LabelRef(label("odd")))
	g.asm.Label(label("vectors"))
	g.vector(src, dst, at, 0, f)
	g.asm.ADDQ(operand.Imm(uint64(g.bytes())), at)
	g.asm.CMPQ(at, last)
	g.asm.JLE(operand.LabelRef(label("vectors")))
	g.asm.Label(label("odd"))
	g.asm.CMPQ(at, end)
	g.asm.JGE(operand.LabelRef(label("done")))
	eight := *g
	eight.lanes = 8
	eight.lo, eight.hi = eight.half(g.lo), eight.half(g.hi)
	eight.vector(src, dst, at, 0, f)
}
