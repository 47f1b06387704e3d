package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pixelsAVX2 is the unit of the permutation inside an NHWC pixel: 8 outputs of
// every pixel at a time.
func pixelsAVX2() *build.Context {
	ctx := newContext()
	for _, windows := range []int{1, 2, 3, 4} {
		pixelWindows(ctx, windows)
	}
	pixelScalars(ctx)
	return ctx
}

// pixelWindows takes the 8 outputs from a few windows of 8 channels, each
// permuted in a register; measured, that beats 8 loads up to 4 windows.
func pixelWindows(ctx *build.Context, windows int) {
	name := fmt.Sprintf("PixelWindows%d", windows)
	begin(ctx, name, "func(dst, src *float32, n, step int, starts, lanes *int32)")
	ctx.Doc(name+" writes 8 floats of each of n pixels, step bytes apart.",
		"starts has the first element of each window; lanes, for each window, 8 lane",
		"numbers, a negative one where an output is not from this window.")
	dst, src, n, step, starts, lanes := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("dst"), dst)
	ctx.Load(ctx.Param("src"), src)
	ctx.Load(ctx.Param("n"), n)
	ctx.Load(ctx.Param("step"), step)
	ctx.Load(ctx.Param("starts"), starts)
	ctx.Load(ctx.Param("lanes"), lanes)
	var at []reg.GPVirtual
	var lane []reg.VecVirtual
	for w := range windows {
		r, v := ctx.GP64(), ctx.YMM()
		ctx.MOVLQSX(operand.Mem{Base: starts, Disp: 4 * w}, r)
		ctx.LEAQ(operand.Mem{Base: src, Index: r, Scale: 4}, r)
		ctx.VMOVDQU(operand.Mem{Base: lanes, Disp: 32 * w}, v)
		at, lane = append(at, r), append(lane, v)
	}
	i := ctx.GP64()
	ctx.XORQ(i, i)
	ctx.Label("pixels")
	out := ctx.YMM()
	for w := range windows {
		from := operand.Mem{Base: at[w], Index: i, Scale: 1}
		if w == 0 {
			ctx.VPERMPS(from, lane[w], out)
			continue
		}
		v := ctx.YMM()
		ctx.VPERMPS(from, lane[w], v)
		ctx.VBLENDVPS(lane[w], out, v, out) // a negative lane number keeps what is there
	}
	ctx.VMOVUPS(out, operand.Mem{Base: dst, Index: i, Scale: 1})
	ctx.ADDQ(step, i)
	ctx.DECQ(n)
	ctx.JNZ(operand.LabelRef("pixels"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// pixelScalars takes the 8 outputs one by one, from anywhere.
func pixelScalars(ctx *build.Context) {
	begin(ctx, "PixelScalars", "func(dst, src *float32, n, step int, from *int32)")
	ctx.Doc("PixelScalars writes 8 floats of each of n pixels, step bytes apart: those at the 8",
		"elements that from names.")
	dst, n, step, from := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	var at []reg.GPVirtual
	ctx.Load(ctx.Param("from"), from)
	for i := range 8 {
		r := ctx.GP64()
		ctx.MOVLQSX(operand.Mem{Base: from, Disp: 4 * i}, r)
		at = append(at, r)
	}
	src := ctx.GP64()
	ctx.Load(ctx.Param("src"), src)
	ctx.Load(ctx.Param("dst"), dst)
	ctx.Load(ctx.Param("n"), n)
	ctx.Load(ctx.Param("step"), step)
	ctx.Label("pixels")
	for i, r := range at {
		v := ctx.GP32()
		ctx.MOVL(operand.Mem{Base: src, Index: r, Scale: 4}, v)
		ctx.MOVL(v, operand.Mem{Base: dst, Disp: 4 * i})
	}
	ctx.ADDQ(step, src)
	ctx.ADDQ(step, dst)
	ctx.DECQ(n)
	ctx.JNZ(operand.LabelRef("pixels"))
	ctx.VZEROUPPER()
	ctx.RET()
}
