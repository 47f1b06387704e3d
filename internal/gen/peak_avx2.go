package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// peakAVX2 measures what the multiply-add units can do.
func peakAVX2() *build.Context {
	ctx := newContext()
	ctx.Function("Peak")
	ctx.SignatureExpr("func(rounds int) (flops int)")
	const chains, unroll = 14, 2
	ctx.Doc("Peak runs independent chains of VFMADD231PS, 28 a round, and returns how many additions and multiplications that was.")
	n, flops := ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("rounds"), n)
	ctx.IMUL3Q(operand.U32(chains*unroll*8*2), n, flops)
	ctx.Store(flops, ctx.Return("flops"))
	var acc [chains]reg.VecVirtual
	for i := range acc {
		acc[i] = ctx.YMM()
		ctx.VXORPS(acc[i], acc[i], acc[i])
	}
	x, y := ctx.YMM(), ctx.YMM()
	ctx.VXORPS(x, x, x)
	ctx.VXORPS(y, y, y)
	align(ctx, 32)
	ctx.Label("loop")
	for range unroll {
		for _, a := range acc {
			ctx.VFMADD231PS(x, y, a)
		}
	}
	ctx.DECQ(n)
	ctx.JNZ(operand.LabelRef("loop"))
	ctx.VZEROUPPER()
	ctx.RET()
	return ctx
}
