package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qreduceAVX2 is the unit of the quantized kernels that make one number of many.
func qreduceAVX2() *build.Context {
	ctx := newContext()
	qsum(ctx)
	qfoldMax(ctx)
	qrows(ctx)
	return ctx
}

// qsum emits the sum of planes of bytes.
func qsum(ctx *build.Context) {
	begin(ctx, "QSum", "func(mem *byte, src *int32, sums *int32, tail *byte, c, whole int)")
	ctx.Doc(
		"QSum writes the sum of each of c planes of bytes: of whole bytes, a multiple of 32, and of what tail, a mask of",
		"32 bytes, keeps of the next 32. c is at least 1.",
	)
	var r [6]reg.GPVirtual
	for i, name := range []string{"mem", "src", "sums", "tail", "c", "whole"} {
		r[i] = ctx.GP64()
		ctx.Load(ctx.Param(name), r[i])
	}
	mem, src, sums, tail, c, whole := r[0], r[1], r[2], r[3], r[4], r[5]
	zero, mask := ctx.YMM(), ctx.YMM()
	ctx.VPXOR(zero, zero, zero)
	ctx.VMOVDQU(operand.Mem{Base: tail}, mask)
	ctx.Label("plane")
	at, i, x, sum := ctx.GP64(), ctx.GP64(), ctx.YMM(), ctx.YMM()
	ctx.MOVLQSX(operand.Mem{Base: src}, at)
	ctx.ADDQ(mem, at)
	ctx.XORQ(i, i)
	ctx.VPXOR(sum, sum, sum)
	ctx.Label("bytes")
	ctx.CMPQ(i, whole)
	ctx.JGE(operand.LabelRef("tail"))
	ctx.VPSADBW(operand.Mem{Base: at, Index: i, Scale: 1}, zero, x)
	ctx.VPADDQ(x, sum, sum)
	ctx.ADDQ(operand.Imm(32), i)
	ctx.JMP(operand.LabelRef("bytes"))
	ctx.Label("tail")
	ctx.VPAND(operand.Mem{Base: at, Index: i, Scale: 1}, mask, x)
	ctx.VPSADBW(x, zero, x)
	ctx.VPADDQ(x, sum, sum)
	half := ctx.XMM()
	ctx.VEXTRACTI128(operand.Imm(1), sum, half)
	ctx.VPADDQ(sum.AsX(), half, half)
	ctx.VPSHUFD(operand.Imm(0x4e), half, x.AsX())
	ctx.VPADDQ(x.AsX(), half, half)
	ctx.VMOVD(half, operand.Mem{Base: sums})
	ctx.ADDQ(operand.Imm(4), src)
	ctx.ADDQ(operand.Imm(4), sums)
	ctx.DECQ(c)
	ctx.JNE(operand.LabelRef("plane"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// qfoldMax emits the maximum of bytes that are as far apart.
func qfoldMax(ctx *build.Context) {
	begin(ctx, "QFoldMax", "func(dst, src *byte, rows, n, k, step, dstStep, srcStep int)")
	ctx.Doc(
		"QFoldMax writes rows of n bytes, rounded up to 32: each the maximum of k bytes, step apart. Rows are dstStep and",
		"srcStep apart. What is counted is at least 1.",
	)
	var r [8]reg.GPVirtual
	for i, name := range []string{"dst", "src", "rows", "n", "k", "step", "dstStep", "srcStep"} {
		r[i] = ctx.GP64()
		ctx.Load(ctx.Param(name), r[i])
	}
	dst, src, rows, n, k, step, dstStep, srcStep := r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7]
	i, at, left, x := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.YMM()
	ctx.Label("row")
	ctx.XORQ(i, i)
	ctx.Label("bytes")
	ctx.LEAQ(operand.Mem{Base: src, Index: i, Scale: 1}, at)
	ctx.MOVQ(k, left)
	ctx.VMOVDQU(operand.Mem{Base: at}, x)
	ctx.Label("term")
	ctx.DECQ(left)
	ctx.JEQ(operand.LabelRef("folded"))
	ctx.ADDQ(step, at)
	ctx.VPMAXUB(operand.Mem{Base: at}, x, x)
	ctx.JMP(operand.LabelRef("term"))
	ctx.Label("folded")
	ctx.VMOVDQU(x, operand.Mem{Base: dst, Index: i, Scale: 1})
	ctx.ADDQ(operand.Imm(32), i)
	ctx.CMPQ(i, n)
	ctx.JLT(operand.LabelRef("bytes"))
	ctx.ADDQ(dstStep, dst)
	ctx.ADDQ(srcStep, src)
	ctx.DECQ(rows)
	ctx.JNE(operand.LabelRef("row"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// qrows emits the matrix-vector product, in int16.
func qrows(ctx *build.Context) {
	begin(ctx, "QRows", "func(x, w *byte, sums *int32, in, n int, tail *byte)")
	ctx.Doc(
		"QRows computes n sums of products of in unsigned bytes of x and as many signed ones of a row of w. in is at least",
		"16. tail is a mask of 16 bytes, which keeps the last in%16 of them. n is at least 1.",
	)
	var r [6]reg.GPVirtual
	for i, name := range []string{"x", "w", "sums", "in", "n", "tail"} {
		r[i] = ctx.GP64()
		ctx.Load(ctx.Param(name), r[i])
	}
	x, w, sums, in, n, tail := r[0], r[1], r[2], r[3], r[4], r[5]
	end, i, mask := ctx.GP64(), ctx.GP64(), ctx.XMM()
	ctx.LEAQ(operand.Mem{Base: in, Disp: -32}, end) // the last place of two blocks of 16
	ctx.VMOVDQU(operand.Mem{Base: tail}, mask)
	ctx.Label("row")
	var sum, a, b [2]reg.VecVirtual
	for j := range sum {
		sum[j], a[j], b[j] = ctx.YMM(), ctx.YMM(), ctx.YMM()
		ctx.VPXOR(sum[j], sum[j], sum[j])
	}
	dot := func(j int, disp int) {
		ctx.VPMOVZXBW(operand.Mem{Base: x, Index: i, Scale: 1, Disp: disp}, a[j])
		ctx.VPMOVSXBW(operand.Mem{Base: w, Index: i, Scale: 1, Disp: disp}, b[j])
		ctx.VPMADDWD(a[j], b[j], a[j])
		ctx.VPADDD(a[j], sum[j], sum[j])
	}
	ctx.XORQ(i, i)
	align(ctx, 32)
	ctx.Label("blocks")
	ctx.CMPQ(i, end)
	ctx.JGT(operand.LabelRef("rest"))
	dot(0, 0)
	dot(1, 16)
	ctx.ADDQ(operand.Imm(32), i)
	ctx.JMP(operand.LabelRef("blocks"))
	ctx.Label("rest")
	last := ctx.GP64()
	ctx.LEAQ(operand.Mem{Base: in, Disp: -16}, last)
	ctx.CMPQ(i, last)
	ctx.JGT(operand.LabelRef("tail"))
	dot(0, 0)
	ctx.Label("tail") // the last 16, of which some were there already
	bytes := ctx.XMM()
	ctx.VPAND(operand.Mem{Base: x, Index: in, Scale: 1, Disp: -16}, mask, bytes)
	ctx.VPMOVZXBW(bytes, a[0])
	ctx.VPMOVSXBW(operand.Mem{Base: w, Index: in, Scale: 1, Disp: -16}, b[0])
	ctx.VPMADDWD(a[0], b[0], a[0])
	ctx.VPADDD(a[0], sum[0], sum[0])
	ctx.VPADDD(sum[1], sum[0], sum[0])
	half := ctx.XMM()
	ctx.VEXTRACTI128(operand.Imm(1), sum[0], half)
	ctx.VPADDD(sum[0].AsX(), half, half)
	ctx.VPHADDD(half, half, half)
	ctx.VPHADDD(half, half, half)
	ctx.VMOVD(half, operand.Mem{Base: sums})
	ctx.ADDQ(in, w)
	ctx.ADDQ(operand.Imm(4), sums)
	ctx.DECQ(n)
	ctx.JNE(operand.LabelRef("row"))
	ctx.VZEROUPPER()
	ctx.RET()
}
