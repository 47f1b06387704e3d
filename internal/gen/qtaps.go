package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// qtapsAVX2 is the unit of the quantized depthwise convolution for AVX2.
func qtapsAVX2() *build.Context {
	g := &qtaps{vectors: vectors{newContext(), 8}, depth: 2}
	g.order = qgemmOrder(g.asm)
	g.interleave()
	g.emit()
	return g.asm
}

// qtapsAVX512 is that for AVX-512 with VNNI.
func qtapsAVX512() *build.Context {
	g := &qtaps{vectors: vectors{newContext(), 16}, depth: 4}
	g.order = transposed(g.asm)
	g.unpacked = g.order
	g.interleave()
	g.emit()
	return g.asm
}

// qtaps emits a convolution of planes with windows of any shape. Pixels of depth rows of
// a window are interleaved, so that one instruction multiplies a column of them: of int16
// with depth 2, of bytes with depth 4. Interleaved pixels of the next column are 4 bytes
// on.
type qtaps struct {
	vectors
	depth    int
	suffix   string
	order    operand.Mem // of the dwords of a register that packing mixes up
	unpacked operand.Mem // with depth 4: of those whose unpacking brings pixels into order
}

// pixels is how many a block has: four registers of dwords.
func (g *qtaps) pixels() int { return 4 * g.lanes }

func (g *qtaps) interleave() {
	begin(g.asm, "QInterleave"+g.suffix, "func(dst, a, b, c, d *byte, blocks int)")
	g.asm.Doc(
		fmt.Sprintf("QInterleave%s interleaves blocks of %d pixels of %d planes of bytes, of a, b, c and d:", g.suffix, g.pixels(), g.depth),
		"dst[4*p] and what follows is what they have for pixel p, as integers of 4 bytes together. With 2 planes, c and d are",
		"not read. blocks is at least 1.",
	)
	to, n, i := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("dst"), to)
	g.asm.Load(g.asm.Param("blocks"), n)
	g.asm.XORQ(i, i)
	from := make([]reg.GPVirtual, g.depth)
	for j, name := range []string{"a", "b", "c", "d"}[:g.depth] {
		from[j] = g.asm.GP64()
		g.asm.Load(g.asm.Param(name), from[j])
	}
	order := g.vec()
	if g.depth == 4 {
		g.move(g.unpacked, order)
	}
	align(g.asm, 32)
	g.asm.Label("block")
	if g.depth == 4 {
		var x [4]reg.VecVirtual
		for j := range x {
			x[j] = g.vec()
			g.asm.VPERMD(operand.Mem{Base: from[j], Index: i, Scale: 1}, order, x[j])
		}
		quads(g.vectors, x, len(x), func(v int, y reg.VecVirtual) { g.move(y, operand.Mem{Base: to, Disp: g.bytes() * v}) })
	} else {
		for half := range 2 {
			x, y := g.asm.XMM(), g.asm.XMM()
			g.asm.VMOVDQU(operand.Mem{Base: from[0], Index: i, Scale: 1, Disp: 16 * half}, x)
			g.asm.VMOVDQU(operand.Mem{Base: from[1], Index: i, Scale: 1, Disp: 16 * half}, y)
			for k, bytes := range []func(...operand.Op){g.asm.VPUNPCKLBW, g.asm.VPUNPCKHBW} {
				pairs, wide := g.asm.XMM(), g.asm.YMM()
				bytes(y, x, pairs)
				g.asm.VPMOVZXBW(pairs, wide)
				g.asm.VMOVDQU(wide, operand.Mem{Base: to, Disp: 32 * (2*half + k)})
			}
		}
	}
	g.asm.ADDQ(operand.Imm(uint64(g.pixels())), i)
	g.asm.ADDQ(operand.U32(uint32(4*g.pixels())), to)
	g.asm.DECQ(n)
	g.asm.JNE(operand.LabelRef("block"))
	g.asm.VZEROUPPER()
	g.asm.RET()
}

func (g *qtaps) emit() {
	begin(g.asm, "QTaps"+g.suffix, "func(mem *byte, dst *int32, x *byte, offsets *int32, w *byte, bias *int32, mult *float32, line *byte, c, taps, xstep, blocks, doff, rows, n, pitch int, q *uint32)")
	g.asm.Doc(
		"QTaps"+g.suffix+" convolves c planes of interleaved pixels, of which the next plane is xstep bytes on. Tap t of all its",
		"outputs is offsets[t] bytes from the output's place, and has 4 bytes of weights in w, plane after plane. It",
		fmt.Sprintf("computes blocks of %d outputs into line, and copies from there n outputs of each of rows, pitch apart, to", g.pixels()),
		"mem[dst[i]+doff], n apart. Up to 31 bytes behind them are written too. q has the zero point twice as a word,",
		"and each of the bounds four times as a byte. What is counted is at least 1.",
	)
	var x, w, bias, mult, dst, c reg.GPVirtual
	for _, a := range []struct {
		name string
		to   *reg.GPVirtual
	}{{"x", &x}, {"w", &w}, {"bias", &bias}, {"mult", &mult}, {"dst", &dst}, {"c", &c}} {
		*a.to = g.asm.GP64()
		g.asm.Load(g.asm.Param(a.name), *a.to)
	}
	q := newRequant(g.vectors, g.order)
	factor := g.vec()

	g.asm.Label("plane")
	g.asm.VBROADCASTSS(operand.Mem{Base: mult}, factor)
	line, at, blocks := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("line"), line)
	g.asm.Load(g.asm.Param("blocks"), blocks)
	g.asm.MOVQ(x, at)
	g.asm.Label("block")
	acc := make([]reg.VecVirtual, 4)
	for v := range acc {
		acc[v] = g.vec()
		g.asm.VPBROADCASTD(operand.Mem{Base: bias}, acc[v])
	}
	g.taps(at, w, acc)
	for _, a := range acc {
		g.asm.VCVTDQ2PS(a, a)
		g.asm.VMULPS(factor, a, a)
		g.asm.VCVTPS2DQ(a, a)
	}
	q.four(acc)
	g.move(acc[0], operand.Mem{Base: line})
	g.asm.ADDQ(operand.Imm(uint64(g.pixels())), line)
	g.asm.ADDQ(operand.U32(uint32(4*g.pixels())), at)
	g.asm.DECQ(blocks)
	g.asm.JNE(operand.LabelRef("block"))

	g.rows(dst)
	g.next(x, w, bias, mult, dst)
	g.asm.DECQ(c)
	g.asm.JNE(operand.LabelRef("plane"))
	g.asm.VZEROUPPER()
	g.asm.RET()
}

// taps adds all taps of a block of outputs.
func (g *qtaps) taps(at, w reg.GPVirtual, acc []reg.VecVirtual) {
	offsets, t, n := g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.Load(g.asm.Param("offsets"), offsets)
	g.asm.Load(g.asm.Param("taps"), n)
	g.asm.XORQ(t, t)
	weight, x := g.vec(), g.vec()
	g.asm.Label("tap")
	off := g.asm.GP64()
	g.asm.MOVLQSX(operand.Mem{Base: offsets, Index: t, Scale: 4}, off)
	g.asm.ADDQ(at, off)
	g.asm.VPBROADCASTD(operand.Mem{Base: w, Index: t, Scale: 4}, weight)
	for v, a := range acc {
		from := operand.Mem{Base: off, Disp: g.bytes() * v}
		if g.depth == 4 {
			y := g.vec()
			g.move(from, y)
			g.asm.VPDPBUSD(weight, y, a)
		} else {
			g.asm.VPMADDWD(from, weight, x)
			g.asm.VPADDD(x, a, a)
		}
	}
	g.asm.INCQ(t)
	g.asm.CMPQ(t, n)
	g.asm.JLT(operand.LabelRef("tap"))
}

// rows copies a plane's outputs from the line to where they belong.
func (g *qtaps) rows(table reg.GPVirtual) {
	to, from, doff, rows, i, n, pitch := g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64(), g.asm.GP64()
	g.asm.MOVLQSX(operand.Mem{Base: table}, to)
	g.asm.Load(g.asm.Param("doff"), doff)
	g.asm.ADDQ(doff, to)
	g.asm.Load(g.asm.Param("mem"), from)
	g.asm.ADDQ(from, to)
	g.asm.Load(g.asm.Param("line"), from)
	g.asm.Load(g.asm.Param("rows"), rows)
	g.asm.Load(g.asm.Param("n"), n)
	g.asm.Load(g.asm.Param("pitch"), pitch)
	g.asm.Label("row")
	g.asm.XORQ(i, i)
	g.asm.Label("copy")
	y := g.asm.YMM()
	g.asm.VMOVDQU(operand.Mem{Base: from, Index: i, Scale: 1}, y)
	g.asm.VMOVDQU(y, operand.Mem{Base: to, Index: i, Scale: 1})
	g.asm.ADDQ(operand.Imm(32), i)
	g.asm.CMPQ(i, n)
	g.asm.JLT(operand.LabelRef("copy"))
	g.asm.ADDQ(n, to)
	g.asm.ADDQ(pitch, from)
	g.asm.DECQ(rows)
	g.asm.JNE(operand.LabelRef("row"))
}

// next goes on to the next plane.
func (g *qtaps) next(x, w, bias, mult, dst reg.GPVirtual) {
	t := g.asm.GP64()
	g.asm.Load(g.asm.Param("xstep"), t)
	g.asm.ADDQ(t, x)
	g.asm.Load(g.asm.Param("taps"), t)
	g.asm.LEAQ(operand.Mem{Base: w, Index: t, Scale: 4}, w)
	g.asm.ADDQ(operand.Imm(4), bias)
	g.asm.ADDQ(operand.Imm(4), mult)
	g.asm.ADDQ(operand.Imm(4), dst)
}
