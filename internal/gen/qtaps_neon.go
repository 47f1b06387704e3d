package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// qtapsNEON is the unit of the quantized depthwise convolution: see [qtaps].
func qtapsNEON(f *arm64.File) {
	for _, form := range qformsNEON {
		form.qinterleave(f)
		(&qtapsN{qformNEON: form}).emit(f)
	}
}

// qtapsPixels is how many outputs a block has: eight vectors of sums.
const qtapsPixels = 32

func (q qformNEON) qinterleave(f *arm64.File) {
	name := "QInterleave" + q.suffix
	more := []string{"With 2 planes, c and d are not read.", "None is left out."}[q.depth/4]
	g := f.Func(name, "func(dst, a, b, c, d *byte, blocks int)",
		fmt.Sprintf("%s interleaves blocks of %d pixels of %d planes of bytes, of a, b, c and d, each less 128: dst[%d*p] and", name, qtapsPixels, q.depth, q.depth),
		"what follows is what they have for pixel p. "+more+" blocks is at least 1.")
	to, n, sign := g.Load("dst"), g.Load("blocks"), signNEON(g)
	var from []arm64.GP
	for _, plane := range []string{"a", "b", "c", "d"}[:q.depth] {
		from = append(from, g.Load(plane))
	}
	x := [2][]arm64.V{g.Vs(q.depth), g.Vs(q.depth)}
	g.PCALIGN(16)
	g.Label("block")
	for i, p := range from {
		g.FLDPQ(arm64.Post(p, 32), x[0][i], x[1][i])
	}
	g.SUBSI(1, n, n)
	for _, half := range x {
		for _, v := range half {
			g.VEOR(sign, v, v)
		}
		q.interleave(g, half)
		storeAll(g, half, to)
	}
	g.BC("NE", "block")
	g.RET()
}

// qtapsN emits a convolution of planes with windows of any shape. Pixels of depth rows of
// a window are interleaved, so that one instruction multiplies a column of them.
// Interleaved pixels of the next column are depth bytes on.
type qtapsN struct {
	*arm64.Func
	qformNEON
}

func (g *qtapsN) emit(f *arm64.File) {
	name := "QTaps" + g.suffix
	g.Func = f.Func(name, "func(mem *byte, dst *int32, x *byte, offsets *int32, w *byte, bias *int32, mult *float32, line *byte, c, taps, xstep, blocks, doff, rows, n, pitch int, q *uint32)",
		name+" convolves c planes of interleaved pixels, of which the next plane is xstep bytes on. Tap t of all its",
		fmt.Sprintf("outputs is offsets[t] bytes from the output's place, and has %d bytes of weights in w, plane after plane, each", g.depth),
		fmt.Sprintf("behind 4 bytes, 128 times the sum of its weights. It computes blocks of %d outputs into line, and copies from", qtapsPixels),
		"there n outputs of each of rows, pitch apart, to mem[dst[i]+doff], n apart. Up to 15 bytes behind them are written",
		"too. q has the zero point twice as a word, and each of the bounds four times as a byte. What is counted is at",
		"least 1. "+g.what())
	x, w, bias, mult, dst, c := g.Load("x"), g.Load("w"), g.Load("bias"), g.Load("mult"), g.Load("dst"), g.Load("c")
	q, factor := newRequantN(g.Func), g.V()

	g.Label("plane")
	g.VLD1R(arm64.Post(mult, 4), factor)
	next := g.GP() // the next plane's weights
	g.Scope(func() {
		first, sum := g.V(), g.V()
		g.VLD1R(arm64.Post(bias, 4), first)
		g.VLD1R(arm64.Post(w, 4), sum)
		g.VADD(sum, first, first)
		g.Scope(func() {
			line, at, blocks := g.Load("line"), g.GP(), g.Load("blocks")
			acc := g.Vs(qtapsPixels / 4)
			g.MOVD(x, at)
			g.Label("block")
			for _, a := range acc {
				g.VMOV(first, a)
			}
			g.taps(at, w, next, acc)
			for _, a := range acc {
				g.SCVTF(a, a)
			}
			for _, a := range acc {
				g.FMUL(factor, a, a)
			}
			for i := 0; i < len(acc); i += 4 {
				q.bytes(acc[i : i+4])
				g.StoreQ(acc[i], arm64.Post(line, 16))
			}
			g.ADDI(qtapsPixels*g.depth, at, at)
			g.SUBSI(1, blocks, blocks)
			g.BC("NE", "block")
		})
	})
	g.MOVD(next, w)
	g.Scope(func() { g.rows(dst) })
	g.Scope(func() { g.ADD(g.Load("xstep"), x, x) })
	g.SUBSI(1, c, c)
	g.BC("NE", "plane")
	g.RET()
}

// taps adds all taps of a block of outputs, and leaves p behind their weights.
func (g *qtapsN) taps(at, w, p arm64.GP, acc []arm64.V) {
	g.Scope(func() {
		offsets, n, off := g.Load("offsets"), g.Load("taps"), g.GP()
		weight, x := g.V(), g.Vs(g.registers(len(acc)))
		var t []arm64.V
		if !g.dot() {
			t = g.Vs(len(acc))
		}
		g.MOVD(w, p)
		g.PCALIGN(16)
		g.Label("tap")
		g.LoadW(arm64.Post(offsets, 4), off)
		g.weight(g.Func, p, weight)
		g.ADD(at, off, off)
		for i := 0; i < len(x); i += 2 {
			g.FLDPQ(arm64.At(off, 16*i), x[i], x[i+1])
		}
		g.SUBSI(1, n, n)
		g.madd(g.Func, weight, x, t, acc)
		g.BC("NE", "tap")
	})
}

// rows copies a plane's outputs from the line to where they belong.
func (g *qtapsN) rows(table arm64.GP) {
	to, line, rows, n, pitch := g.GP(), g.Load("line"), g.Load("rows"), g.Load("n"), g.Load("pitch")
	from, out, i, y := g.GP(), g.GP(), g.GP(), g.V()
	g.LoadW(arm64.Post(table, 4), to)
	g.ADD(g.Load("doff"), to, to)
	g.ADD(g.Load("mem"), to, to)
	g.Label("row")
	g.MOVD(line, from)
	g.MOVD(to, out)
	g.MOVD(n, i)
	g.Label("copy")
	g.FMOVQ(arm64.Post(from, 16), y)
	g.StoreQ(y, arm64.Post(out, 16))
	g.SUBSI(16, i, i)
	g.BC("GT", "copy")
	g.ADD(n, to, to)
	g.ADD(pitch, line, line)
	g.SUBSI(1, rows, rows)
	g.BC("NE", "row")
}
