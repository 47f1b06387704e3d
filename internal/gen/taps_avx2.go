package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tapsAVX2 is the unit of the depthwise convolutions of any window.
func tapsAVX2() *build.Context {
	g := vectors{newContext(), 8}
	(&taps{vectors: g}).emit()
	tapColumnsOf(g)
	return g.asm
}

const tapsArgs = "dst, src, w *float32, offsets *int32, taps, rows, dstStep, srcStep, dstSecond, srcSecond int" + activationArgs

// tapsOf is the contract of the unit for rows of so many pixels, which every set has.
func tapsOf(pixels int) []string {
	return []string{
		fmt.Sprintf("Taps convolves two groups of rows of %d pixels. Each pixel is the bias, which follows", pixels),
		"the taps in w, and the sum over the taps of w[t] times the element of src that lies",
		"offsets[t] bytes from the pixel's place. Rows of dst and src lie dstStep and srcStep bytes",
		"apart. The second group lies dstSecond and srcSecond bytes after the first. Of four rows at",
		"a time, the first group's are stored before the second's, from the top row down. The last",
		"four rows may be stored twice.",
	}
}

// taps emits the unit. 8 accumulators hide what an FMA takes.
type taps struct {
	vectors
	dst, src, w, offsets, taps, rows reg.GPVirtual
	srcStep, second                  reg.GPVirtual // of src
}

func (g *taps) emit() {
	begin(g.asm, "Taps", "func("+tapsArgs+")")
	g.asm.Doc(tapsOf(g.lanes)...)
	load := func(name string) reg.GPVirtual {
		r := g.asm.GP64()
		g.asm.Load(g.asm.Param(name), r)
		return r
	}
	g.dst, g.src, g.w, g.offsets = load("dst"), load("src"), load("w"), load("offsets")
	g.taps, g.rows, g.srcStep, g.second = load("taps"), load("rows"), load("srcStep"), load("srcSecond")
	g.asm.CMPQ(g.rows, operand.Imm(4))
	g.asm.JLT(operand.LabelRef("few"))
	g.asm.Label("fours")
	g.block("four", 4)
	nextFour(g.asm, g.rows, g.dst, g.src, g.srcStep)
	g.asm.JMP(operand.LabelRef("fours"))
	g.asm.Label("few")
	g.block("one", 1)
	g.asm.ADDQ(param(g.asm, "dstStep"), g.dst)
	g.asm.ADDQ(g.srcStep, g.src)
	g.asm.DECQ(g.rows)
	g.asm.JNZ(operand.LabelRef("few"))
	g.asm.Label("end")
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// block computes so many rows of both groups.
func (g *taps) block(id string, rows int) {
	acc, x := make([]reg.VecVirtual, 2*rows), g.vec()
	for i := range acc {
		acc[i] = g.vec()
		g.asm.VBROADCASTSS(operand.Mem{Base: g.w, Index: g.taps, Scale: 4}, acc[i])
	}
	t, p, q, third := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.XORQ(t, t)
	if rows > 1 {
		g.asm.LEAQ(operand.Mem{Base: g.srcStep, Index: g.srcStep, Scale: 2}, third)
	}
	align(g.asm, 16)
	g.asm.Label(id + "taps")
	g.asm.MOVLQSX(operand.Mem{Base: g.offsets, Index: t, Scale: 4}, p)
	g.asm.VBROADCASTSS(operand.Mem{Base: g.w, Index: t, Scale: 4}, x)
	g.asm.ADDQ(g.src, p)
	g.asm.LEAQ(operand.Mem{Base: p, Index: g.second, Scale: 1}, q)
	for i, a := range acc {
		m := operand.Mem{Base: p}
		if i >= rows {
			m.Base = q
		}
		switch i % rows {
		case 1:
			m.Index, m.Scale = g.srcStep, 1
		case 2:
			m.Index, m.Scale = g.srcStep, 2
		case 3:
			m.Index, m.Scale = third, 1
		}
		g.asm.VFMADD231PS(m, x, a)
	}
	g.asm.INCQ(t)
	g.asm.CMPQ(t, g.taps)
	g.asm.JLT(operand.LabelRef(id + "taps"))
	activate(g.asm, id, g.vec, acc...)
	storeGroups(g.asm, g.dst, acc)
}

// storeGroups stores the rows of the first group, then those of the second.
func storeGroups(g *build.Context, dst reg.GPVirtual, acc []reg.VecVirtual) {
	to, step, rows := g.GP64(), g.GP64(), len(acc)/2
	g.MOVQ(param(g, "dstStep"), step)
	g.MOVQ(dst, to)
	for i, a := range acc {
		if i == rows {
			g.MOVQ(param(g, "dstSecond"), to)
			g.ADDQ(dst, to)
		}
		g.VMOVUPS(a, operand.Mem{Base: to})
		if i%rows < rows-1 {
			g.ADDQ(step, to)
		}
	}
}

// nextFour goes to the next four rows, or to the last four of which some are new.
// Where none is left, it goes to the label end.
func nextFour(g *build.Context, rows, dst, src, srcStep reg.GPVirtual) {
	four, n, t := g.GP64(), g.GP64(), g.GP64()
	g.SUBQ(operand.Imm(4), rows)
	g.JZ(operand.LabelRef("end"))
	g.MOVQ(operand.U32(4), four)
	g.MOVQ(rows, n)
	g.CMPQ(n, four)
	g.CMOVQGT(four, n)
	g.CMOVQLT(four, rows)
	g.MOVQ(param(g, "dstStep"), t)
	g.IMULQ(n, t)
	g.ADDQ(t, dst)
	g.IMULQ(srcStep, n)
	g.ADDQ(n, src)
}
