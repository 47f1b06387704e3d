package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// meanAVX2 is the unit of the global mean. Pixel p goes into lane p mod 8, so
// one register is the 8 partial sums of the contract; one plane's additions
// wait for each other, so there is a form for 4 planes at a time.
func meanAVX2() *build.Context {
	ctx := newContext()
	for _, planes := range []int{1, 4} {
		meanPlanes(ctx, planes)
	}
	return ctx
}

func meanPlanes(ctx *build.Context, planes int) {
	name := fmt.Sprintf("Mean%d", planes)
	begin(ctx, name, "func(mem *float32, src *int32, dst *float32, tail *int32, blocks, vecs int, inv float32)")
	ctx.Doc(fmt.Sprintf("%s writes the means of blocks times %d planes: the sum of vecs vectors", name, planes),
		"and of the lanes of another that the mask at tail keeps, times inv.")
	mem, src, dst, blocks, vecs, n := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("mem"), mem)
	ctx.Load(ctx.Param("src"), src)
	ctx.Load(ctx.Param("dst"), dst)
	ctx.Load(ctx.Param("blocks"), blocks)
	ctx.Load(ctx.Param("vecs"), vecs)
	inv, mask, t := ctx.XMM(), ctx.YMM(), ctx.GP64()
	ctx.Load(ctx.Param("inv"), inv)
	ctx.Load(ctx.Param("tail"), t)
	ctx.VMOVUPS(operand.Mem{Base: t}, mask)
	var at []reg.GPVirtual
	var sum []reg.VecVirtual
	for range planes {
		at, sum = append(at, ctx.GP64()), append(sum, ctx.YMM())
	}
	ctx.Label("planes")
	for i := range planes {
		ctx.MOVLQSX(operand.Mem{Base: src, Disp: 4 * i}, at[i])
		ctx.LEAQ(operand.Mem{Base: mem, Index: at[i], Scale: 4}, at[i])
		ctx.VXORPS(sum[i], sum[i], sum[i])
	}
	ctx.MOVQ(vecs, n)
	ctx.TESTQ(n, n)
	ctx.JZ(operand.LabelRef("last"))
	ctx.Label("vectors")
	for i := range planes {
		ctx.VADDPS(operand.Mem{Base: at[i]}, sum[i], sum[i])
		ctx.ADDQ(operand.Imm(32), at[i])
	}
	ctx.DECQ(n)
	ctx.JNZ(operand.LabelRef("vectors"))
	ctx.Label("last")
	for i, s := range sum {
		v := ctx.YMM()
		ctx.VANDPS(operand.Mem{Base: at[i]}, mask, v)
		ctx.VADDPS(v, s, s)
		ctx.VEXTRACTF128(operand.Imm(1), s, v.AsX())
		ctx.VADDPS(v.AsX(), s.AsX(), s.AsX())
		ctx.VMOVHLPS(s.AsX(), s.AsX(), v.AsX())
		ctx.VADDPS(v.AsX(), s.AsX(), s.AsX())
		ctx.VMOVSHDUP(s.AsX(), v.AsX())
		ctx.VADDSS(v.AsX(), s.AsX(), s.AsX())
		ctx.VMULSS(inv, s.AsX(), s.AsX())
		ctx.VMOVSS(s.AsX(), operand.Mem{Base: dst, Disp: 4 * i})
	}
	ctx.ADDQ(operand.Imm(uint64(4*planes)), src)
	ctx.ADDQ(operand.Imm(uint64(4*planes)), dst)
	ctx.DECQ(blocks)
	ctx.JNZ(operand.LabelRef("planes"))
	ctx.VZEROUPPER()
	ctx.RET()
}
