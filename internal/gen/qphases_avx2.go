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
		(&qphases{Context: ctx, stride: stride}).emit()
	}
	return ctx
}

// qphases emits the copy of every stride'th pixel of rows. It writes whole registers
// from the first byte on: what passes a row's end is overwritten by what follows.
type qphases struct {
	*build.Context
	stride int

	to   reg.GPVirtual
	fill reg.VecVirtual
}

func (g *qphases) emit() {
	name := fmt.Sprintf("QPhases%d", g.stride)
	begin(g.Context, name, "func(dst, mem *byte, src *int32, zeros *byte, c, off, plane, top, rows, n, gap, bottom, step int)")
	g.Doc(
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
		*a.to = g.GP64()
		g.Load(g.Param(a.name), *a.to)
	}
	from, rows, g.to, g.fill = g.GP64(), g.GP64(), g.GP64(), g.YMM()
	off := g.GP64()
	g.Load(g.Param("off"), off)
	g.ADDQ(off, mem)
	low := g.YMM()
	if g.stride == 2 {
		g.VPCMPEQW(low, low, low)
		g.VPSRLW(operand.Imm(8), low, low)
	}
	g.Label("plane")
	g.MOVLQSX(operand.Mem{Base: src}, from)
	g.ADDQ(mem, from)
	g.VPBROADCASTB(operand.Mem{Base: zeros}, g.fill)
	g.MOVQ(dst, g.to)
	g.padding("top")
	g.Load(g.Param("rows"), rows)
	g.Label("row")
	g.DECQ(rows)
	g.JLT(operand.LabelRef("bottom"))
	i, n, x, y := g.GP64(), g.GP64(), g.YMM(), g.YMM()
	g.XORQ(i, i)
	g.Load(g.Param("n"), n)
	g.Label("pixels")
	if g.stride == 1 {
		g.VMOVDQU(operand.Mem{Base: from, Index: i, Scale: 1}, x)
	} else {
		g.VPAND(operand.Mem{Base: from, Index: i, Scale: 2}, low, x)
		g.VPAND(operand.Mem{Base: from, Index: i, Scale: 2, Disp: 32}, low, y)
		g.VPACKUSWB(y, x, x)
		g.VPERMQ(operand.Imm(0xd8), x, x)
	}
	g.VMOVDQU(x, operand.Mem{Base: g.to, Index: i, Scale: 1})
	g.ADDQ(operand.Imm(32), i)
	g.CMPQ(i, n)
	g.JLT(operand.LabelRef("pixels"))
	g.ADDQ(n, g.to)
	step := g.GP64()
	g.Load(g.Param("step"), step)
	g.ADDQ(step, from)
	g.padding("gap")
	g.JMP(operand.LabelRef("row"))
	g.Label("bottom")
	g.padding("bottom")
	plane := g.GP64()
	g.Load(g.Param("plane"), plane)
	g.ADDQ(plane, dst)
	g.ADDQ(operand.Imm(4), src)
	g.INCQ(zeros)
	g.DECQ(c)
	g.JNE(operand.LabelRef("plane"))
	g.VZEROUPPER()
	g.RET()
}

// padding writes as many zero points as a parameter says.
func (g *qphases) padding(count string) {
	i, n := g.GP64(), g.GP64()
	g.Load(g.Param(count), n)
	g.XORQ(i, i)
	g.Label("pad" + count)
	g.CMPQ(i, n)
	g.JGE(operand.LabelRef("padded" + count))
	g.VMOVDQU(g.fill, operand.Mem{Base: g.to, Index: i, Scale: 1})
	g.ADDQ(operand.Imm(32), i)
	g.JMP(operand.LabelRef("pad" + count))
	g.Label("padded" + count)
	g.ADDQ(n, g.to)
}
