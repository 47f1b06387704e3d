package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// gemmColumnNEON emits the kernel for one pixel alone, such as the last of 7x7. Its
// vectors are the four output channels of a packed tile. A strip would compute four
// pixels, three of them in vain.
func gemmColumnNEON(f *arm64.File) {
	g := &columnN{newGEMMN(f, "GEMM4x1", columnRows,
		"GEMM4x1 computes m output channels of one pixel, weights packed in tiles of 4 rows:",
		"arguments and result as GEMM4x4's, without the pixels that follow.",
	)}
	g.blocks(columnRows, []int{8, 4, 2, 1}, g.tiles) // fewer than eight are bound by latency
}

type columnN struct{ *gemmN }

// tiles computes count packed tiles of rows output channels, and leaves g.a
// behind them.
func (g *columnN) tiles(count, rows int) {
	id := fmt.Sprintf("%dx%d", count, rows)
	acc := g.Vs(count)
	g.Scope(func() {
		bias := g.at("bias")
		for _, a := range acc {
			g.get(rows, bias, a)
		}
	})
	g.Scope(func() { g.depth(id, rows, acc) })
	g.residual(id, rows, acc)
	g.activate(id, acc)
	g.store(rows, acc)
}

// get loads rows floats and steps over them; nothing behind them is read.
func (g *columnN) get(rows int, p arm64.GP, x arm64.V) {
	switch rows {
	case 4:
		g.FMOVQ(arm64.Post(p, 16), x)
	case 3:
		g.FMOVD(arm64.Post(p, 8), x)
		g.VLD1Lane(arm64.Post(p, 4), x, 2)
	case 2:
		g.FMOVD(arm64.Post(p, 8), x)
	case 1:
		g.FMOVS(arm64.Post(p, 4), x)
	}
}

func (g *columnN) depth(id string, rows int, acc []arm64.V) {
	p := g.tilePointers(len(acc))
	b, k := g.Load("b"), g.Load("k")
	at, pixel := g.GPs(2), g.Vs(2)
	w := g.Vs(2 * min(len(acc), 8))
	g.SUBSI(2, k, k)
	g.BC("LT", "last"+id)
	g.PCALIGN(16)
	g.Label("loop" + id)
	g.LDPSW(arm64.Post(b, 8), at[0], at[1])
	g.FMOVS(arm64.Index(g.mem, at[0], 2), pixel[0])
	g.FMOVS(arm64.Index(g.mem, at[1], 2), pixel[1])
	// Weights come a few tiles before they are wanted.
	const ahead = 3
	for i := range len(acc) + ahead {
		if i < len(acc) {
			if rows == 4 {
				g.FLDPQ(arm64.Post(p[i], 32), w[2*i], w[2*i+1])
			} else {
				g.get(rows, p[i], w[2*i])
				g.get(rows, p[i], w[2*i+1])
			}
		}
		if j := i - ahead; j >= 0 {
			g.FMLALane(pixel[0], 0, w[2*j], acc[j])
		}
	}
	g.SUBSI(2, k, k)
	for j, a := range acc {
		g.FMLALane(pixel[1], 0, w[2*j+1], a)
	}
	g.BC("GE", "loop"+id)
	g.Label("last" + id)
	g.TBZ(0, k, "done"+id) // k is -1: a step is left, or -2: none
	g.LoadW(arm64.At(b, 0), at[0])
	g.FMOVS(arm64.Index(g.mem, at[0], 2), pixel[0])
	for i, a := range acc {
		g.get(rows, p[i], w[i])
		g.FMLALane(pixel[0], 0, w[i], a)
	}
	g.Label("done" + id)
	g.MOVD(p[len(p)-1], g.a)
}

// lanes goes over the pixels, by table, of the rows in x.
func (g *columnN) lanes(rows int, table, base arm64.GP, body func(lane int, at arm64.GP)) {
	g.Scope(func() {
		off := g.GP()
		for i := range rows {
			g.LoadW(arm64.Post(table, 4), off)
			g.ADDL(off, 2, base, off)
			body(i, off)
		}
	})
}

func (g *columnN) residual(id string, rows int, acc []arm64.V) {
	g.Scope(func() {
		r := g.Load("r")
		g.CBZ(r, "nores"+id)
		g.ADD(g.row, r, r)
		base, scale := g.base("roff"), g.Load("scale")
		x, s := g.V(), g.V()
		read := func() {
			g.lanes(rows, r, base, func(lane int, at arm64.GP) { g.VLD1Lane(arm64.At(at, 0), x, lane) })
		}
		g.CBZ(scale, "noscale"+id)
		g.ADD(g.row, scale, scale)
		for _, a := range acc {
			read()
			g.get(rows, scale, s)
			g.VFMLA(s, x, a)
		}
		g.B("nores" + id)
		g.Label("noscale" + id)
		for _, a := range acc {
			read()
			g.FADD(x, a, a)
		}
	})
	g.Label("nores" + id)
}

func (g *columnN) store(rows int, acc []arm64.V) {
	g.Scope(func() {
		c, base := g.at("c"), g.base("coff")
		for _, a := range acc {
			g.lanes(rows, c, base, func(lane int, at arm64.GP) { g.VST1Lane(a, lane, arm64.At(at, 0)) })
		}
	})
}
