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
	(&folder{Context: ctx, maximum: true}).emit("FoldMax", "the greatest of", "NaN wins.")
	(&folder{Context: ctx}).emit("FoldSum", "the sum of", "Terms are added in that order.")
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
	*build.Context
	maximum bool

	dst, a, src reg.GPVirtual // the present row
	k, step     reg.GPVirtual
	i           reg.GPVirtual // byte of the row
}

func (g *folder) emit(name, what, more string) {
	begin(g.Context, name, "func("+foldArgs+")")
	g.Doc(foldDoc(name, what, more)...)
	g.dst, g.a, g.src, g.k, g.step, g.i = g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	rows, n := g.GP64(), g.GP64()
	g.Load(g.Param("dst"), g.dst)
	g.Load(g.Param("a"), g.a)
	g.Load(g.Param("src"), g.src)
	g.Load(g.Param("rows"), rows)
	g.Load(g.Param("k"), g.k)
	g.Load(g.Param("step"), g.step)
	g.Label("rows")
	g.Load(g.Param("vecs"), n)
	g.XORQ(g.i, g.i)
	g.SUBQ(operand.Imm(4), n)
	g.JLT(operand.LabelRef("few"))
	g.Label("blocks")
	g.block("four", 4)
	g.SUBQ(operand.Imm(4), n)
	g.JGE(operand.LabelRef("blocks"))
	g.Label("few")
	g.TESTQ(operand.U32(2), n)
	g.JZ(operand.LabelRef("odd"))
	g.block("two", 2)
	g.Label("odd")
	g.TESTQ(operand.U32(1), n)
	g.JZ(operand.LabelRef("end"))
	g.block("one", 1)
	g.Label("end")
	g.ADDQ(param(g.Context, "dstStep"), g.dst)
	g.ADDQ(param(g.Context, "aStep"), g.a)
	g.ADDQ(param(g.Context, "srcStep"), g.src)
	g.DECQ(rows)
	g.JNZ(operand.LabelRef("rows"))
	g.VZEROUPPER()
	g.RET()
}

// block folds count vectors.
func (g *folder) block(id string, count int) {
	acc := make([]reg.VecVirtual, count)
	for v := range acc {
		acc[v] = g.YMM()
		g.VMOVUPS(operand.Mem{Base: g.a, Index: g.i, Scale: 1, Disp: 32 * v}, acc[v])
	}
	p, t := g.GP64(), g.GP64()
	g.LEAQ(operand.Mem{Base: g.src, Index: g.i, Scale: 1}, p)
	g.MOVQ(g.k, t)
	if g.maximum {
		g.maxTerms(id, acc, p, t)
	} else {
		g.sumTerms(id, acc, p, t)
	}
	for v, x := range acc {
		g.VMOVUPS(x, operand.Mem{Base: g.dst, Index: g.i, Scale: 1, Disp: 32 * v})
	}
	g.ADDQ(operand.Imm(uint64(32*count)), g.i)
}

func (g *folder) sumTerms(id string, acc []reg.VecVirtual, p, t reg.GPVirtual) {
	g.TESTQ(t, t)
	g.JZ(operand.LabelRef(id + "done"))
	g.Label(id + "terms")
	for v, x := range acc {
		g.VADDPS(operand.Mem{Base: p, Disp: 32 * v}, x, x)
	}
	g.ADDQ(g.step, p)
	g.DECQ(t)
	g.JNZ(operand.LabelRef(id + "terms"))
	g.Label(id + "done")
}

// maxTerms takes the first term alone, then pairs, then what is left. VMAXPS returns
// its second source if either is NaN. So a NaN among the terms stays in the accumulator
// until the next maximum, and one comparison for each pair sees both. After the last
// term none is needed.
func (g *folder) maxTerms(id string, acc []reg.VecVirtual, p, t reg.GPVirtual) {
	nan, x, y := make([]reg.VecVirtual, len(acc)), g.YMM(), g.YMM()
	g.TESTQ(t, t)
	g.JZ(operand.LabelRef(id + "done"))
	for v, m := range acc {
		nan[v] = g.YMM()
		g.VMOVUPS(operand.Mem{Base: p, Disp: 32 * v}, x)
		g.VCMPPS(unordered, x, m, nan[v])
		g.VMAXPS(x, m, m)
	}
	g.ADDQ(g.step, p)
	g.SUBQ(operand.Imm(3), t)
	g.JLT(operand.LabelRef(id + "last"))
	g.Label(id + "pairs")
	for v, m := range acc {
		g.VMAXPS(operand.Mem{Base: p, Disp: 32 * v}, m, m)
		g.VMOVUPS(operand.Mem{Base: p, Index: g.step, Scale: 1, Disp: 32 * v}, x)
		g.VCMPPS(unordered, x, m, y)
		g.VORPS(y, nan[v], nan[v])
		g.VMAXPS(x, m, m)
	}
	g.LEAQ(operand.Mem{Base: p, Index: g.step, Scale: 2}, p)
	g.SUBQ(operand.Imm(2), t)
	g.JGE(operand.LabelRef(id + "pairs"))
	g.Label(id + "last")
	g.TESTQ(operand.U32(1), t)
	g.JZ(operand.LabelRef(id + "even")) // t is 2 less than what is left
	for v, m := range acc {
		g.VMAXPS(operand.Mem{Base: p, Disp: 32 * v}, m, m)
	}
	g.Label(id + "even")
	for v, m := range acc {
		g.VORPS(nan[v], m, m)
	}
	g.Label(id + "done")
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
