package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// gemmNEON is the unit of the GEMM tiles.
func gemmNEON(f *arm64.File) {
	for _, s := range []struct {
		rows, vecs int
		tiles      []int
	}{
		{4, 6, []int{1}}, {4, 4, []int{1}}, {4, 3, []int{2, 1}}, {4, 2, []int{3, 2, 1}}, {4, 1, []int{6, 4, 2, 1}},
		{6, 4, []int{1}}, {6, 2, []int{2, 1}}, {6, 1, []int{3, 1}},
	} {
		gemmStrip(f, s.rows, s.vecs, s.tiles)
	}
	gemmColumnNEON(f)
}

// gemmN is what the strips of pixels and the single pixel have in common.
type gemmN struct {
	*arm64.Func
	mem    arm64.GP // &Mem[BOff]
	a      arm64.GP // the next tile's weights
	row    arm64.GP // 4 * output channels done
	left   arm64.GP // output channels to do
	stride arm64.GP // bytes from tile to tile
}

func newGEMMN(f *arm64.File, name string, rows int, doc ...string) *gemmN {
	g := &gemmN{Func: f.Func(name, gemmSignature, doc...)}
	g.mem, g.a, g.left, g.stride = g.Load("mem"), g.Load("a"), g.Load("m"), g.Load("k")
	g.row = g.GP()
	g.Scope(func() {
		t := g.Load("boff")
		g.ADD(t, g.mem, g.mem)
		if rows == 6 {
			g.ADDL(g.stride, 1, g.stride, g.stride)
			g.LSL(3, g.stride, g.stride)
		} else {
			g.LSL(4, g.stride, g.stride)
		}
	})
	g.MOVD(arm64.ZR, g.row)
	return g
}

// blocks goes over the output channels, counts[0] packed tiles at a time while
// there are so many, then counts[1]; the last tile of fewer rows is by itself.
func (g *gemmN) blocks(rows int, counts []int, tiles func(count, rows int)) {
	for _, n := range counts {
		loop, end := fmt.Sprintf("block%d", n), fmt.Sprintf("blockend%d", n)
		g.Label(loop)
		g.CMPI(n*rows, g.left)
		g.BC("LT", end)
		g.Scope(func() { tiles(n, rows) })
		g.ADDI(4*n*rows, g.row, g.row)
		g.SUBI(n*rows, g.left, g.left)
		g.B(loop)
		g.Label(end)
	}
	for r := rows - 1; r > 0; r-- {
		g.CMPI(r, g.left)
		g.BC("EQ", fmt.Sprintf("rows%d", r))
	}
	g.RET()
	for r := rows - 1; r > 0; r-- {
		g.Label(fmt.Sprintf("rows%d", r))
		g.Scope(func() { tiles(1, r) })
		g.RET()
	}
}

// at returns the argument called name, moved on to the rows that are next.
func (g *gemmN) at(name string) arm64.GP {
	r := g.Load(name)
	g.ADD(g.row, r, r)
	return r
}

// base returns mem plus the bytes of argument off.
func (g *gemmN) base(off string) arm64.GP {
	r := g.Load("mem")
	g.Scope(func() { g.ADD(g.Load(off), r, r) })
	return r
}

// tilePointers returns where each of count tiles begins.
func (g *gemmN) tilePointers(count int) []arm64.GP {
	p := g.GPs(count)
	g.MOVD(g.a, p[0])
	for i := 1; i < count; i++ {
		g.ADD(g.stride, p[i-1], p[i])
	}
	return p
}

// activate applies the activation to each of acc.
func (g *gemmN) activate(id string, acc []arm64.V) {
	g.Scope(func() { newActivatorNEON(g.Func).activate(id, acc) })
}

// piece is a part of a tile's weights for one step of depth, in one register:
// rows from to from+lanes-1.
type piece struct{ tile, from, lanes int }

// pieces divides rows into registers, the largest last.
func pieces(tile, rows int) []piece {
	var ps []piece
	from := rows
	for _, lanes := range []int{1, 2, 4} {
		if rows&lanes != 0 {
			from -= lanes
			ps = append(ps, piece{tile, from, lanes})
		}
	}
	return ps
}

// load fetches a piece's weights from the tile at p, and steps to the next
// depth with the last piece.
func (g *gemmN) load(w piece, rows int, p arm64.GP, dst arm64.V) {
	at := arm64.At(p, 4*w.from)
	if w.from == 0 {
		at = arm64.Post(p, 4*rows)
	}
	switch w.lanes {
	case 4:
		g.FMOVQ(at, dst)
	case 2:
		g.FMOVD(at, dst)
	case 1:
		g.FMOVS(at, dst)
	}
}
