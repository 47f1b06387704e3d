package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

// phasesAVX2 is the unit of the strided, padded copy.
func phasesAVX2() *build.Context {
	ctx := newContext()
	for _, stride := range []int{1, 2, 4} {
		phaseRows(ctx, stride)
	}
	return ctx
}

// phaseRows needs no masks. It writes in ascending order: left zeros, pixels, right
// zeros, next row. A vector that reaches too far is overwritten by what comes next.
func phaseRows(ctx *build.Context, stride int) {
	name := fmt.Sprintf("PhaseRows%d", stride)
	begin(ctx, name, "func(dst, src *float32, rows, left, n, right, step int)")
	ctx.Doc(fmt.Sprintf("%s writes rows of left zeros, every pixel of n with %d from one to the next,", name, stride),
		"and right zeros. Rows of src lie step bytes apart, those of dst side by side.")
	dst, src, rows := ctx.GP64(), ctx.GP64(), ctx.GP64()
	left, n, right, step := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("dst"), dst)
	ctx.Load(ctx.Param("src"), src)
	ctx.Load(ctx.Param("rows"), rows)
	ctx.Load(ctx.Param("left"), left)
	ctx.Load(ctx.Param("n"), n)
	ctx.Load(ctx.Param("right"), right)
	ctx.Load(ctx.Param("step"), step)
	// From here on in bytes of dst.
	ctx.SHLQ(operand.Imm(2), left)
	ctx.SHLQ(operand.Imm(2), n)
	ctx.SHLQ(operand.Imm(2), right)
	zero := ctx.YMM()
	ctx.VXORPS(zero, zero, zero)
	i := ctx.GP64()
	zeros := func(label string, count operand.Op) {
		ctx.XORQ(i, i)
		ctx.Label(label)
		ctx.CMPQ(i, count)
		ctx.JGE(operand.LabelRef(label + "done"))
		ctx.VMOVUPS(zero, operand.Mem{Base: dst, Index: i, Scale: 1})
		ctx.ADDQ(operand.Imm(32), i)
		ctx.JMP(operand.LabelRef(label))
		ctx.Label(label + "done")
		ctx.ADDQ(count, dst)
	}
	ctx.Label("rows")
	zeros("left", left)
	ctx.XORQ(i, i)
	ctx.Label("pixels")
	v := ctx.YMM()
	from := operand.Mem{Base: src, Index: i, Scale: uint8(stride)}
	ctx.VMOVUPS(from, v)
	switch stride {
	case 2:
		from.Disp = 32
		ctx.VSHUFPS(operand.Imm(0x88), from, v, v)
		ctx.VPERMPD(operand.Imm(0xD8), v, v)
	case 4:
		w := ctx.YMM()
		from.Disp = 32
		ctx.VSHUFPS(operand.Imm(0x88), from, v, v) // pixels 0, 2, 8, 10; 4, 6, 12, 14
		from.Disp = 64
		ctx.VMOVUPS(from, w)
		from.Disp = 96
		ctx.VSHUFPS(operand.Imm(0x88), from, w, w) // and 16 further
		ctx.VSHUFPS(operand.Imm(0x88), w, v, v)    // 0, 8, 16, 24; 4, 12, 20, 28
		ctx.VPERMPD(operand.Imm(0xD8), v, v)       // 0, 8, 4, 12; 16, 24, 20, 28
		ctx.VPERMILPS(operand.Imm(0xD8), v, v)
	}
	ctx.VMOVUPS(v, operand.Mem{Base: dst, Index: i, Scale: 1})
	ctx.ADDQ(operand.Imm(32), i)
	ctx.CMPQ(i, n)
	ctx.JLT(operand.LabelRef("pixels"))
	ctx.ADDQ(n, dst)
	zeros("right", right)
	ctx.ADDQ(step, src)
	ctx.DECQ(rows)
	ctx.JNZ(operand.LabelRef("rows"))
	ctx.VZEROUPPER()
	ctx.RET()
}
