package main

import (
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// moveAVX2 is the unit of the kernels that go over planes pixel by pixel.
func moveAVX2() *build.Context {
	ctx := newContext()
	addPlanes(ctx)
	affinePlanes(ctx)
	return ctx
}

// eachPlane emits a loop over c planes and in it one over vecs vectors of each,
// in blocks of 4. plane runs once for each; vector gets the byte offset's
// register and a displacement. at has the plane's pointers, one a table. id makes the
// labels unique.
func eachPlane(ctx *build.Context, id string, tables []string, plane func(c reg.GPVirtual), vector func(at []reg.GPVirtual, i reg.GPVirtual, disp int)) {
	c, i, end, mem := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	var at []reg.GPVirtual
	for range tables {
		at = append(at, ctx.GP64())
	}
	ctx.Load(ctx.Param("mem"), mem)
	ctx.Load(ctx.Param("vecs"), end)
	ctx.SHLQ(operand.Imm(5), end)
	ctx.XORQ(c, c)
	ctx.Label("planes" + id)
	for n, table := range tables {
		ctx.Load(ctx.Param(table), at[n])
		ctx.MOVLQSX(operand.Mem{Base: at[n], Index: c, Scale: 4}, at[n])
		ctx.LEAQ(operand.Mem{Base: mem, Index: at[n], Scale: 4}, at[n])
	}
	plane(c)
	ctx.XORQ(i, i)
	next := ctx.GP64()
	ctx.Label("blocks" + id)
	ctx.LEAQ(operand.Mem{Base: i, Disp: 128}, next)
	ctx.CMPQ(next, end)
	ctx.JGT(operand.LabelRef("rest" + id))
	for v := range 4 {
		vector(at, i, 32*v)
	}
	ctx.MOVQ(next, i)
	ctx.JMP(operand.LabelRef("blocks" + id))
	ctx.Label("rest" + id)
	ctx.CMPQ(i, end)
	ctx.JGE(operand.LabelRef("done" + id))
	vector(at, i, 0)
	ctx.ADDQ(operand.Imm(32), i)
	ctx.JMP(operand.LabelRef("rest" + id))
	ctx.Label("done" + id)
	ctx.INCQ(c)
	left := ctx.GP64()
	ctx.Load(ctx.Param("c"), left)
	ctx.CMPQ(c, left)
	ctx.JLT(operand.LabelRef("planes" + id))
	ctx.VZEROUPPER()
	ctx.RET()
}

func addPlanes(ctx *build.Context) {
	begin(ctx, "Add", "func(mem *float32, a, b, sum *int32, c, vecs int"+activationArgs+")")
	ctx.Doc("Add writes act(a+b) for c pairs of planes of vecs vectors.")
	eachActivation(ctx, func() reg.VecVirtual { return ctx.YMM() }, func(kind string, apply func(v reg.VecVirtual)) {
		eachPlane(ctx, kind, []string{"a", "b", "sum"}, func(reg.GPVirtual) {}, func(at []reg.GPVirtual, i reg.GPVirtual, disp int) {
			v := ctx.YMM()
			ctx.VMOVUPS(operand.Mem{Base: at[0], Index: i, Scale: 1, Disp: disp}, v)
			ctx.VADDPS(operand.Mem{Base: at[1], Index: i, Scale: 1, Disp: disp}, v, v)
			apply(v)
			ctx.VMOVUPS(v, operand.Mem{Base: at[2], Index: i, Scale: 1, Disp: disp})
		})
	})
}

func affinePlanes(ctx *build.Context) {
	begin(ctx, "Affine", "func(mem *float32, src, dst *int32, scale, shift *float32, scaleStep, shiftStep, c, vecs int"+activationArgs+")")
	ctx.Doc("Affine writes act(scale*src+shift) for c planes of vecs vectors; the next plane's",
		"scale is scaleStep bytes on, its shift shiftStep.")
	scale, shift, scaleStep, shiftStep := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("scale"), scale)
	ctx.Load(ctx.Param("shift"), shift)
	ctx.Load(ctx.Param("scaleStep"), scaleStep)
	ctx.Load(ctx.Param("shiftStep"), shiftStep)
	eachActivation(ctx, func() reg.VecVirtual { return ctx.YMM() }, func(kind string, apply func(v reg.VecVirtual)) {
		a, b := ctx.YMM(), ctx.YMM()
		eachPlane(ctx, kind, []string{"src", "dst"}, func(c reg.GPVirtual) {
			ctx.VBROADCASTSS(operand.Mem{Base: scale}, a)
			ctx.VBROADCASTSS(operand.Mem{Base: shift}, b)
			ctx.ADDQ(scaleStep, scale)
			ctx.ADDQ(shiftStep, shift)
		}, func(at []reg.GPVirtual, i reg.GPVirtual, disp int) {
			v := ctx.YMM()
			ctx.VMOVUPS(operand.Mem{Base: at[0], Index: i, Scale: 1, Disp: disp}, v)
			ctx.VFMADD213PS(b, a, v)
			apply(v)
			ctx.VMOVUPS(v, operand.Mem{Base: at[1], Index: i, Scale: 1, Disp: disp})
		})
	})
}
