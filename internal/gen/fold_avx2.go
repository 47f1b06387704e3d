package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// foldAVX2 is the unit of pooling windows of any shape. A window is folded down its
// rows and then along its columns: both are the same operation on vectors of pixels
// that lie some distance apart.
func foldAVX2() *build.Context {
	ctx := newContext()
	(&folder{asm: ctx, maximum: true}).emit("FoldMax", "the greatest of", "NaN wins.")
	(&folder{asm: ctx}).emit("FoldSum", "the sum of", "Terms are added in that order.")
	scaleRows(ctx)
	return ctx
}

const foldArgs = "dst, a, src *float32, rows, vecs, k, step, dstStep, aStep, srcStep int"

// foldDoc is the contract of a fold, which every set has.
func foldDoc(name, what, more string) []string {
	return []string{
		name + " writes rows of vecs vectors of 8 elements. Each element is " + what + " the element of a",
		"and k elements of src, which lie step bytes apart. " + more + " The rows of dst, a and src lie",
		"dstStep, aStep and srcStep bytes apart. dst may be a or lie before src in the same memory.",
	}
}

type folder struct {
	asm     *build.Context
	maximum bool

	dst, a, src reg.GPVirtual // the present row
	k, step     reg.GPVirtual
	i           reg.GPVirtual // byte of the row
}

func (g *folder) emit(name, what, more string) {
	begin(g.asm, name, "func("+foldArgs+")")
	g.asm.Doc(foldDoc(name, what, more)...)
	g.dst, g.a, g.src, g.k, g.step, g.i = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	rows, n := g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("dst"), g.dst)
	g.asm.Load(g.asm.Param("a"), g.a)
	g.asm.Load(g.asm.Param("src"), g.src)
	g.asm.Load(g.asm.Param("rows"), rows)
	g.asm.Load(g.asm.Param("k"), g.k)
	g.asm.Load(g.asm.Param("step"), g.step)
	g.asm.Label("rows")
	g.asm.Load(g.asm.Param("vecs"), n)
	g.asm.XORQ(g.i, g.i)
	g.asm.SUBQ(operand.Imm(4), n)
	g.asm.JLT(operand.LabelRef("few"))
	g.asm.Label("blocks")
	g.block("four", 4)
	g.asm.SUBQ(operand.Imm(4), n)
	g.asm.JGE(operand.LabelRef("blocks"))
	g.asm.Label("few")
	g.asm.TESTQ(operand.U32(2), n)
	g.asm.JZ(operand.LabelRef("odd"))
	g.block("two", 2)
	g.asm.Label("odd")
	g.asm.TESTQ(operand.U32(1), n)
	g.asm.JZ(operand.LabelRef("end"))
	g.block("one", 1)
	g.asm.Label("end")
	g.asm.ADDQ(param(g.asm, "dstStep"), g.dst)
	g.asm.ADDQ(param(g.asm, "aStep"), g.a)
	g.asm.ADDQ(param(g.asm, "srcStep"), g.src)
	g.asm.DECQ(rows)
	g.asm.JNZ(operand.LabelRef("rows"))
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// block folds count vectors.
func (g *folder) block(id string, count int) {
	acc := make([]reg.VecVirtual, count)
	for v := range acc {
		acc[v] = g.asm.YMM()
		g.asm.VMOVUPS(operand.Mem{Base: g.a, Index: g.i, Scale: 1, Disp: 32 * v}, acc[v])
	}
	p, t := g.asm.GP64(), g.asm.GP64()
	g.asm.LEAQ(operand.Mem{Base: g.src, Index: g.i, Scale: 1}, p)
	g.asm.MOVQ(g.k, t)
	if g.maximum {
		g.maxTerms(id, acc, p, t)
	} else {
		g.sumTerms(id, acc, p, t)
	}
	for v, x := range acc {
		g.asm.VMOVUPS(x, operand.Mem{Base: g.dst, Index: g.i, Scale: 1, Disp: 32 * v})
	}
	g.asm.ADDQ(operand.Imm(uint64(32*count)), g.i)
}

func (g *folder) sumTerms(id string, acc []reg.VecVirtual, p, t reg.GPVirtual) {
	g.asm.TESTQ(t, t)
	g.asm.JZ(operand.LabelRef(id + "done"))
	g.asm.Label(id + "terms")
	for v, x := range acc {
		g.asm.VADDPS(operand.Mem{Base: p, Disp: 32 * v}, x, x)
	}
	g.asm.ADDQ(g.step, p)
	g.asm.DECQ(t)
	g.asm.JNZ(operand.LabelRef(id + "terms"))
	g.asm.Label(id + "done")
}

// maxTerms takes the first term alone, then pairs, then what is left. VMAXPS returns
// its second source if either is NaN. So a NaN among the terms stays in the accumulator
// until the next maximum, and one comparison for each pair sees both. After the last
// term none is needed.
func (g *folder) maxTerms(id string, acc []reg.VecVirtual, p, t reg.GPVirtual) {
	nan, x, y := make([]reg.VecVirtual, len(acc)), g.asm.YMM(), g.asm.YMM()
	g.asm.TESTQ(t, t)
	g.asm.JZ(operand.LabelRef(id + "done"))
	for v, m := range acc {
		nan[v] = g.asm.YMM()
		g.asm.VMOVUPS(operand.Mem{Base: p, Disp: 32 * v}, x)
		g.asm.VCMPPS(unordered, x, m, nan[v])
		g.asm.VMAXPS(x, m, m)
	}
	g.asm.ADDQ(g.step, p)
	g.asm.SUBQ(operand.Imm(3), t)
	g.asm.JLT(operand.LabelRef(id + "last"))
	g.asm.Label(id + "pairs")
	for v, m := range acc {
		g.asm.VMAXPS(operand.Mem{Base: p, Disp: 32 * v}, m, m)
		g.asm.VMOVUPS(operand.Mem{Base: p, Index: g.step, Scale: 1, Disp: 32 * v}, x)
		g.asm.VCMPPS(unordered, x, m, y)
		g.asm.VORPS(y, nan[v], nan[v])
		g.asm.VMAXPS(x, m, m)
	}
	g.asm.LEAQ(operand.Mem{Base: p, Index: g.step, Scale: 2}, p)
	g.asm.SUBQ(operand.Imm(2), t)
	g.asm.JGE(operand.LabelRef(id + "pairs"))
	g.asm.Label(id + "last")
	g.asm.TESTQ(operand.U32(1), t)
	g.asm.JZ(operand.LabelRef(id + "even")) // t is 2 less than what is left
	for v, m := range acc {
		g.asm.VMAXPS(operand.Mem{Base: p, Disp: 32 * v}, m, m)
	}
	g.asm.Label(id + "even")
	for v, m := range acc {
		g.asm.VORPS(nan[v], m, m)
	}
	g.asm.Label(id + "done")
}

// scaleRows ends a mean.
func scaleRows(ctx *build.Context) {
	begin(ctx, "Scale", "func(dst, src, by *float32, vecs, byStep int)")
	ctx.Doc("Scale multiplies vecs vectors of 8 elements of src by vectors of by, which lie byStep bytes apart.")
	dst, src, by, n, step := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("dst"), dst)
	ctx.Load(ctx.Param("src"), src)
	ctx.Load(ctx.Param("by"), by)
	ctx.Load(ctx.Param("vecs"), n)
	ctx.Load(ctx.Param("byStep"), step)
	ctx.Label("vectors")
	v := ctx.YMM()
	ctx.VMOVUPS(operand.Mem{Base: src}, v)
	ctx.VMULPS(operand.Mem{Base: by}, v, v)
	ctx.VMOVUPS(v, operand.Mem{Base: dst})
	ctx.ADDQ(operand.Imm(32), src)
	ctx.ADDQ(operand.Imm(32), dst)
	ctx.ADDQ(step, by)
	ctx.DECQ(n)
	ctx.JNZ(operand.LabelRef("vectors"))
	ctx.VZEROUPPER()
	ctx.RET()
}
