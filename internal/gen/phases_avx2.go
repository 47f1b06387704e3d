package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// phasesAVX2 is the unit of the strided, padded copy.
func phasesAVX2() *build.Context {
	ctx := newContext()
	for _, stride := range []int{1, 2, 4, anyStride} {
		phaseRows(ctx, stride)
	}
	return ctx
}

// anyStride is the stride of the unit that takes it as an argument.
const anyStride = 0

// phaseRowsName is a unit's name and the end of its parameters.
func phaseRowsName(stride int) (name, more string) {
	if stride == anyStride {
		return "PhaseRows", ", stride"
	}
	return fmt.Sprintf("PhaseRows%d", stride), ""
}

// phaseRowsDoc describes a unit.
func phaseRowsDoc(name string, stride int) []string {
	if stride == anyStride {
		return []string{
			name + " writes rows of left zeros, n pixels that lie stride bytes apart, and right zeros.",
			"Rows of src lie step bytes apart, those of dst side by side. Nothing else of src is read.",
		}
	}
	return []string{
		fmt.Sprintf("%s writes rows of left zeros, every pixel of n with %d from one to the next,", name, stride),
		"and right zeros. Rows of src lie step bytes apart, those of dst side by side.",
	}
}

// phaseRows needs no masks. It writes in ascending order: left zeros, pixels, right
// zeros, next row. A vector that reaches too far is overwritten by what comes next.
func phaseRows(ctx *build.Context, stride int) {
	name, more := phaseRowsName(stride)
	begin(ctx, name, "func(dst, src *float32, rows, left, n, right, step"+more+" int)")
	ctx.Doc(phaseRowsDoc(name, stride)...)
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
	if stride == anyStride {
		pixelsApart(ctx, src, dst, n)
	} else {
		pixelsClose(ctx, src, dst, n, stride)
	}
	ctx.ADDQ(n, dst)
	zeros("right", right)
	ctx.ADDQ(step, src)
	ctx.DECQ(rows)
	ctx.JNZ(operand.LabelRef("rows"))
	ctx.VZEROUPPER()
	ctx.RET()
}

// pixelsClose writes n bytes of pixels from vectors that hold more than one of them.
func pixelsClose(ctx *build.Context, src, dst, n reg.Register, stride int) {
	i := ctx.GP64()
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
}

// pixelsApart writes n bytes of pixels, each of which it loads alone: one vector at a
// time, and then single pixels, so that it reads and writes no more than there is.
func pixelsApart(ctx *build.Context, src, dst, n reg.Register) {
	stride, stride3, from, to, left := ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64(), ctx.GP64()
	ctx.Load(ctx.Param("stride"), stride)
	ctx.LEAQ(operand.Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	ctx.MOVQ(src, from)
	ctx.MOVQ(dst, to)
	ctx.MOVQ(n, left)
	ctx.SUBQ(operand.Imm(32), left)
	ctx.JLT(operand.LabelRef("single"))
	ctx.Label("pixels")
	var half [2]reg.VecVirtual
	for h := range half {
		x := ctx.XMM()
		ctx.VMOVSS(operand.Mem{Base: from}, x)
		ctx.VINSERTPS(operand.Imm(0x10), operand.Mem{Base: from, Index: stride, Scale: 1}, x, x)
		ctx.VINSERTPS(operand.Imm(0x20), operand.Mem{Base: from, Index: stride, Scale: 2}, x, x)
		ctx.VINSERTPS(operand.Imm(0x30), operand.Mem{Base: from, Index: stride3, Scale: 1}, x, x)
		ctx.LEAQ(operand.Mem{Base: from, Index: stride, Scale: 4}, from)
		half[h] = x
	}
	ctx.VMOVUPS(half[0], operand.Mem{Base: to})
	ctx.VMOVUPS(half[1], operand.Mem{Base: to, Disp: 16})
	ctx.ADDQ(operand.Imm(32), to)
	ctx.SUBQ(operand.Imm(32), left)
	ctx.JGE(operand.LabelRef("pixels"))
	ctx.Label("single")
	ctx.ADDQ(operand.Imm(32), left)
	ctx.JZ(operand.LabelRef("pixelsdone"))
	ctx.Label("singles")
	x := ctx.XMM()
	ctx.VMOVSS(operand.Mem{Base: from}, x)
	ctx.VMOVSS(x, operand.Mem{Base: to})
	ctx.ADDQ(stride, from)
	ctx.ADDQ(operand.Imm(4), to)
	ctx.SUBQ(operand.Imm(4), left)
	ctx.JNZ(operand.LabelRef("singles"))
	ctx.Label("pixelsdone")
}
