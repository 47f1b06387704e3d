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
	g.order = qgemmOrder(g.Context)
	g.interleave()
	g.emit()
	return g.Context
}

// qtapsAVX512 is that for AVX-512 with VNNI.
func qtapsAVX512() *build.Context {
	g := &qtaps{vectors: vectors{newContext(), 16}, depth: 4}
	g.order = transposed(g.Context)
	g.unpacked = g.order
	g.interleave()
	g.emit()
	return g.Context
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
	begin(g.Context, "QInterleave"+g.suffix, "func(dst, a, b, c, d *byte, blocks int)")
	g.Doc(
		fmt.Sprintf("QInterleave%s interleaves blocks of %d pixels of %d planes of bytes, of a, b, c and d:", g.suffix, g.pixels(), g.depth),
		"dst[4*p] and what follows is what they have for pixel p, as integers of 4 bytes together. With 2 planes, c and d are",
		"not read. blocks is at least 1.",
	)
	to, n, i := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("dst"), to)
	g.Load(g.Param("blocks"), n)
	g.XORQ(i, i)
	from := make([]reg.GPVirtual, g.depth)
	for j, name := range []string{"a", "b", "c", "d"}[:g.depth] {
		from[j] = g.GP64()
		g.Load(g.Param(name), from[j])
	}
	order := g.vec()
	if g.depth == 4 {
		g.move(g.unpacked, order)
	}
	align(g.Context, 32)
	g.Label("block")
	if g.depth == 4 {
		var x [4]reg.VecVirtual
		for j := range x {
			x[j] = g.vec()
			g.VPERMD(operand.Mem{Base: from[j], Index: i, Scale: 1}, order, x[j])
		}
		quads(g.vectors, x, len(x), func(v int, y reg.VecVirtual) { g.move(y, operand.Mem{Base: to, Disp: g.bytes() * v}) })
	} else {
		for half := range 2 {
			x, y := g.XMM(), g.XMM()
			g.VMOVDQU(operand.Mem{Base: from[0], Index: i, Scale: 1, Disp: 16 * half}, x)
			g.VMOVDQU(operand.Mem{Base: from[1], Index: i, Scale: 1, Disp: 16 * half}, y)
			for k, bytes := range []func(...operand.Op){g.VPUNPCKLBW, g.VPUNPCKHBW} {
				pairs, wide := g.XMM(), g.YMM()
				bytes(y, x, pairs)
				g.VPMOVZXBW(pairs, wide)
				g.VMOVDQU(wide, operand.Mem{Base: to, Disp: 32 * (2*half + k)})
			}
		}
	}
	g.ADDQ(operand.Imm(uint64(g.pixels())), i)
	g.ADDQ(operand.U32(uint32(4*g.pixels())), to)
	g.DECQ(n)
	g.JNE(operand.LabelRef("block"))
	g.VZEROUPPER()
	g.RET()
}

func (g *qtaps) emit() {
	begin(g.Context, "QTaps"+g.suffix, "func(mem *byte, dst *int32, x *byte, offsets *int32, w *byte, bias *int32, mult *float32, line *byte, c, taps, xstep, blocks, doff, rows, n, pitch int, q *uint32)")
	g.Doc(
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
		*a.to = g.GP64()
		g.Load(g.Param(a.name), *a.to)
	}
	q := newRequant(g.vectors, g.order)
	factor := g.vec()

	g.Label("plane")
	g.VBROADCASTSS(operand.Mem{Base: mult}, factor)
	line, at, blocks := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("line"), line)
	g.Load(g.Param("blocks"), blocks)
	g.MOVQ(x, at)
	g.Label("block")
	acc := make([]reg.VecVirtual, 4)
	for v := range acc {
		acc[v] = g.vec()
		g.VPBROADCASTD(operand.Mem{Base: bias}, acc[v])
	}
	g.taps(at, w, acc)
	for _, a := range acc {
		g.VCVTDQ2PS(a, a)
		g.VMULPS(factor, a, a)
		g.VCVTPS2DQ(a, a)
	}
	q.four(acc)
	g.move(acc[0], operand.Mem{Base: line})
	g.ADDQ(operand.Imm(uint64(g.pixels())), line)
	g.ADDQ(operand.U32(uint32(4*g.pixels())), at)
	g.DECQ(blocks)
	g.JNE(operand.LabelRef("block"))

	g.rows(dst)
	g.next(x, w, bias, mult, dst)
	g.DECQ(c)
	g.JNE(operand.LabelRef("plane"))
	g.VZEROUPPER()
	g.RET()
}

// taps adds all taps of a block of outputs.
func (g *qtaps) taps(at, w reg.GPVirtual, acc []reg.VecVirtual) {
	offsets, t, n := g.GP64(), g.GP64(), g.GP64()
	g.Load(g.Param("offsets"), offsets)
	g.Load(g.Param("taps"), n)
	g.XORQ(t, t)
	weight, x := g.vec(), g.vec()
	g.Label("tap")
	off := g.GP64()
	g.MOVLQSX(operand.Mem{Base: offsets, Index: t, Scale: 4}, off)
	g.ADDQ(at, off)
	g.VPBROADCASTD(operand.Mem{Base: w, Index: t, Scale: 4}, weight)
	for v, a := range acc {
		from := operand.Mem{Base: off, Disp: g.bytes() * v}
		if g.depth == 4 {
			y := g.vec()
			g.move(from, y)
			g.VPDPBUSD(weight, y, a)
		} else {
			g.VPMADDWD(from, weight, x)
			g.VPADDD(x, a, a)
		}
	}
	g.INCQ(t)
	g.CMPQ(t, n)
	g.JLT(operand.LabelRef("tap"))
}

// rows copies a plane's outputs from the line to where they belong.
func (g *qtaps) rows(table reg.GPVirtual) {
	to, from, doff, rows, i, n, pitch := g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64(), g.GP64()
	g.MOVLQSX(operand.Mem{Base: table}, to)
	g.Load(g.Param("doff"), doff)
	g.ADDQ(doff, to)
	g.Load(g.Param("mem"), from)
	g.ADDQ(from, to)
	g.Load(g.Param("line"), from)
	g.Load(g.Param("rows"), rows)
	g.Load(g.Param("n"), n)
	g.Load(g.Param("pitch"), pitch)
	g.Label("row")
	g.XORQ(i, i)
	g.Label("copy")
	y := g.YMM()
	g.VMOVDQU(operand.Mem{Base: from, Index: i, Scale: 1}, y)
	g.VMOVDQU(y, operand.Mem{Base: to, Index: i, Scale: 1})
	g.ADDQ(operand.Imm(32), i)
	g.CMPQ(i, n)
	g.JLT(operand.LabelRef("copy"))
	g.ADDQ(n, to)
	g.ADDQ(pitch, from)
	g.DECQ(rows)
	g.JNE(operand.LabelRef("row"))
}

// next goes on to the next plane.
func (g *qtaps) next(x, w, bias, mult, dst reg.GPVirtual) {
	t := g.GP64()
	g.Load(g.Param("xstep"), t)
	g.ADDQ(t, x)
	g.Load(g.Param("taps"), t)
	g.LEAQ(operand.Mem{Base: w, Index: t, Scale: 4}, w)
	g.ADDQ(operand.Imm(4), bias)
	g.ADDQ(operand.Imm(4), mult)
	g.ADDQ(operand.Imm(4), dst)
}
