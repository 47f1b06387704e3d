package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qphasesAVX2 is the unit that copies planes of bytes with padding around them.
func qphasesAVX2() *build.Context {
	ctx := newContext()
	for stride := 1; stride <= 2; stride++ {
		(&qphases{asm: ctx, stride: stride}).emit()
	}
	return ctx
}

// qphases emits the copy of every stride'th pixel of rows. It writes whole registers
// from the first byte on: what passes a row's end is overwritten by what follows.
type qphases struct {
	asm    *build.Context
	stride int

	to   reg.GPVirtual
	fill reg.VecVirtual
}

func (g *qphases) emit() {
	name := fmt.Sprintf("QPhases%d", g.stride)
	begin(g.asm, name, "func(dst, mem *byte, src *int32, zeros *byte, c, off, plane, top, rows, n, gap, bottom, step int)")
	g.asm.Doc(
		fmt.Sprintf("%s copies pixels of c planes of bytes. Each plane of dst, of which the next one is plane bytes on, gets top", name),
		"bytes of its zero point, then for each of rows n pixels and gap bytes of its zero point, then bottom bytes of it.",
		fmt.Sprintf("The pixels are every %d. one from mem[src[i]+off] on, those of the next row step bytes on. Up to 31 bytes", g.stride),
		"behind a plane of dst are written too, and up to 64 bytes behind the pixels read. c is at least 1.",
	)
	var src, mem, zeros, c, dst, from, rows reg.GPVirtual
	for _, a := range []struct {
		name string
		to   *reg.GPVirtual
	}{{"src", &src}, {"mem", &mem}, {"zeros", &zeros}, {"c", &c}, {"dst", &dst}} {
		*a.to = g.asm.GP64()
		g.asm.Load(g.asm.Param(a.name), *a.to)
	}
	from, rows, g.to, g.fill = g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.YMM()
	off := g.asm.GP64()
	g.asm.Load(g.asm.Param("off"), off)
	g.asm.ADDQ(off, mem)
	low := g.asm.YMM()
	if g.stride == 2 {
		g.asm.VPCMPEQW(low, low, low)
		g.asm.VPSRLW(operand.Imm(8), low, low)
	}
	g.asm.Label("plane")
	g.asm.MOVLQSX(operand.Mem{Base: src}, from)
	g.asm.ADDQ(mem, from)
	g.asm.VPBROADCASTB(operand.Mem{Base: zeros}, g.fill)
	g.asm.MOVQ(dst, g.to)
	g.padding("top")
	g.asm.Load(g.asm.Param("rows"), rows)
	g.asm.Label("row")
	g.asm.DECQ(rows)
	g.asm.JLT(operand.LabelRef("bottom"))
	i, n, x, y := g.asm.GP64(), g.asm.GP64(), g.asm.YMM(), g.asm.YMM()
	g.asm.XORQ(i, i)
	g.asm.Load(g.asm.Param("n"), n)
	g.asm.Label("pixels")
	if g.stride == 1 {
		g.asm.VMOVDQU(operand.Mem{Base: from, Index: i, Scale: 1}, x)
	} else {
		g.asm.VPAND(operand.Mem{Base: from, Index: i, Scale: 2}, low, x)
		g.asm.VPAND(operand.Mem{Base: from, Index: i, Scale: 2, Disp: 32}, low, y)
		g.asm.VPACKUSWB(y, x, x)
		g.asm.VPERMQ(operand.Imm(0xd8), x, x)
	}
	g.asm.VMOVDQU(x, operand.Mem{Base: g.to, Index: i, Scale: 1})
	g.asm.ADDQ(operand.Imm(32), i)
	g.asm.CMPQ(i, n)
	g.asm.JLT(operand.LabelRef("pixels"))
	g.asm.ADDQ(n, g.to)
	step := g.asm.GP64()
	g.asm.Load(g.asm.Param("step"), step)
	g.asm.ADDQ(step, from)
	g.padding("gap")
	g.asm.JMP(operand.LabelRef("row"))
	g.asm.Label("bottom")
	g.padding("bottom")
	plane := g.asm.GP64()
	g.asm.Load(g.asm.Param("plane"), plane)
	g.asm.ADDQ(plane, dst)
	g.asm.ADDQ(operand.Imm(4), src)
	g.asm.INCQ(zeros)
	g.asm.DECQ(c)
	g.asm.JNE(operand.LabelRef("plane"))
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// padding writes as many zero points as a parameter says.
func (g *qphases) padding(count string) {
	i, n := g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param(count), n)
	g.asm.XORQ(i, i)
	g.asm.Label("pad" + count)
	g.asm.CMPQ(i, n)
	g.asm.JGE(operand.LabelRef("padded" + count))
	g.asm.VMOVDQU(g.fill, operand.Mem{Base: g.to, Index: i, Scale: 1})
	g.asm.ADDQ(operand.Imm(32), i)
	g.asm.JMP(operand.LabelRef("pad" + count))
	g.asm.Label("padded" + count)
	g.asm.ADDQ(n, g.to)
}
