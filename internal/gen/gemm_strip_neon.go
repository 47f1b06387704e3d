package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// gemmStrip emits a kernel for all output channels of one strip of 4*vecs
// pixels. A multiply-add takes its weight from a lane, so that four weights
// are one load; 24 accumulators hide its latency on four units and leave eight
// registers for the operands. The narrower the strip, the more packed tiles go
// side by side.
func gemmStrip(f *arm64.File, rows, vecs int, counts []int) {
	name := fmt.Sprintf("GEMM%dx%d", rows, 4*vecs)
	g := &strip{gemmN: newGEMMN(f, name, rows,
		fmt.Sprintf("%s computes m output channels of a strip of %d pixels, weights packed in tiles of %d rows:", name, 4*vecs, rows),
		"c[i][p] = act(bias[i] + sum over k of a[i,k]*b[k][p] + scale[i]*r[i][p]).",
		"Tables hold element offsets from mem; boff, coff, roff are bytes. r nil: no residual;",
		"scale nil: all 1. act is the kind of activation, lo and hi its bounds. m and k are at least 1.",
	), vecs: vecs}
	g.blocks(rows, counts, g.tiles)
}

type strip struct {
	*gemmN
	vecs int
}

// operands are two sets of registers. One step of depth computes with one set while
// the other set is loaded for the next step. Where there is no room for two sets,
// both are the same registers, and each is loaded anew after its last use.
type operands struct {
	weights [2][]arm64.V // one per piece
	pixels  [2][]arm64.V
}

// operands takes registers for one set or two.
func (g *strip) operands(pieces, free int) (o operands) {
	pair := func(n int, two bool) (s [2][]arm64.V) {
		s[0] = g.Vs(n)
		if s[1] = s[0]; two {
			s[1] = g.Vs(n)
		}
		return s
	}
	twoPixels := pieces+2*g.vecs <= free
	o.pixels = pair(g.vecs, twoPixels)
	o.weights = pair(pieces, 2*pieces+g.vecs <= free && (!twoPixels || 2*(pieces+g.vecs) <= free))
	return o
}

// tiles computes count packed tiles of rows output channels side by side, and
// leaves g.a behind them.
func (g *strip) tiles(count, rows int) {
	id := fmt.Sprintf("%dx%d", count, rows)
	acc := make([][]arm64.V, count*rows)
	for i := range acc {
		acc[i] = g.Vs(g.vecs)
	}
	g.Scope(func() {
		bias := g.at("bias")
		for _, a := range acc {
			g.VLD1R(arm64.Post(bias, 4), a[0])
			for _, v := range a[1:] {
				g.VMOV(a[0], v)
			}
		}
	})
	g.Scope(func() { g.depth(id, count, rows, acc) })
	g.residual(id, acc)
	var all []arm64.V
	for _, a := range acc {
		all = append(all, a...)
	}
	g.activate(id, all)
	g.store(acc)
}

// depth adds all products. While one step is computed, the operands of the
// next are loaded: the last step loads none.
func (g *strip) depth(id string, count, rows int, acc [][]arm64.V) {
	var ws []piece
	for t := range count {
		ws = append(ws, pieces(t, rows)...)
	}
	o := g.operands(len(ws), 32-len(acc)*g.vecs)
	p := g.tilePointers(count)
	b, k := g.Load("b"), g.Load("k")
	at := g.GPs(2) // the next steps' pixels
	// step computes with one set; and, if load says so, loads the other from the
	// place at[next].
	step := func(set, next int, load bool) {
		type fma struct{ w, lane, v int }
		var fmas []fma
		lastUse := map[arm64.V]int{}
		add := func(w, v int) {
			for lane := range ws[w].lanes {
				fmas = append(fmas, fma{w, lane, v})
			}
			lastUse[o.weights[set][w]] = len(fmas)
			lastUse[o.pixels[set][v]] = len(fmas)
		}
		// What has one register only goes outside, so that it is free early.
		if o.pixels[0][0] == o.pixels[1][0] {
			for v := range g.vecs {
				for w := range ws {
					add(w, v)
				}
			}
		} else {
			for w := range ws {
				for v := range g.vecs {
					add(w, v)
				}
			}
		}
		// Loads in the order in which the next step wants them, spread out, none
		// before its register's last use.
		type fetch struct {
			after int // multiply-adds
			emit  func()
		}
		var fetches []fetch
		pixel := func(v int) {
			dst := o.pixels[1-set][v]
			fetches = append(fetches, fetch{lastUse[dst], func() { g.FMOVQ(arm64.At(at[next], 16*v), dst) }})
		}
		weight := func(w int) {
			dst := o.weights[1-set][w]
			fetches = append(fetches, fetch{lastUse[dst], func() { g.load(ws[w], rows, p[ws[w].tile], dst) }})
		}
		if load {
			weight(0)
			for v := range g.vecs {
				pixel(v)
			}
			for w := 1; w < len(ws); w++ {
				weight(w)
			}
		}
		for i := range fetches {
			even := (i + 1) * len(fmas) / (len(fetches) + 1)
			if fetches[i].after < even {
				fetches[i].after = even
			}
		}
		for n := 0; ; n++ {
			for _, f := range fetches {
				if f.after == n {
					f.emit()
				}
			}
			if n == len(fmas) {
				break
			}
			x := fmas[n]
			row := ws[x.w].tile*rows + ws[x.w].from + x.lane
			g.FMLALane(o.weights[set][x.w], x.lane, o.pixels[set][x.v], acc[row][x.v])
		}
	}
	g.LoadW(arm64.Post(b, 4), at[0])
	g.ADDL(at[0], 2, g.mem, at[0])
	for i, w := range ws {
		g.load(w, rows, p[w.tile], o.weights[0][i])
	}
	for v := range g.vecs {
		g.FMOVQ(arm64.At(at[0], 16*v), o.pixels[0][v])
	}
	g.SUBSI(3, k, k) // the loop takes two steps and loads one more
	g.BC("LT", "last"+id)
	g.PCALIGN(16)
	g.Label("loop" + id)
	g.LDPSW(arm64.Post(b, 8), at[0], at[1])
	g.ADDL(at[0], 2, g.mem, at[0])
	g.ADDL(at[1], 2, g.mem, at[1])
	g.SUBSI(2, k, k)
	step(0, 0, true)
	step(1, 1, true)
	g.BC("GE", "loop"+id)
	g.Label("last" + id)
	g.TBZ(0, k, "one"+id) // k is -1: two steps are left, or -2: one
	g.LoadW(arm64.At(b, 0), at[0])
	g.ADDL(at[0], 2, g.mem, at[0])
	step(0, 0, true)
	step(1, 0, false)
	g.B("done" + id)
	g.Label("one" + id)
	step(0, 0, false)
	g.Label("done" + id)
	g.MOVD(p[count-1], g.a)
}

func (g *strip) residual(id string, acc [][]arm64.V) {
	g.Scope(func() {
		r, off := g.Load("r"), g.GP()
		g.CBZ(r, "nores"+id)
		g.ADD(g.row, r, r)
		base, scale := g.base("roff"), g.Load("scale")
		x := g.Vs(g.vecs)
		g.CBZ(scale, "noscale"+id)
		g.ADD(g.row, scale, scale)
		s := g.V()
		g.rows(r, base, off, acc, func(a []arm64.V) {
			g.FMOVS(arm64.Post(scale, 4), s)
			g.vectors(off, x, func(v int) { g.FMLALane(s, 0, x[v], a[v]) })
		})
		g.B("nores" + id)
		g.Label("noscale" + id)
		g.rows(r, base, off, acc, func(a []arm64.V) {
			g.vectors(off, x, func(v int) { g.FADD(x[v], a[v], a[v]) })
		})
	})
	g.Label("nores" + id)
}

// rows puts the address of each row's pixels, by table, into off.
func (g *strip) rows(table, base, off arm64.GP, acc [][]arm64.V, body func(a []arm64.V)) {
	for _, a := range acc {
		g.LoadW(arm64.Post(table, 4), off)
		g.ADDL(off, 2, base, off)
		body(a)
	}
}

// vectors loads a row's pixels, and calls body for each register of four.
func (g *strip) vectors(from arm64.GP, x []arm64.V, body func(v int)) {
	for v := 0; v < g.vecs; v++ {
		if v+1 < g.vecs && v%2 == 0 {
			g.FLDPQ(arm64.At(from, 16*v), x[v], x[v+1])
		} else if v%2 == 0 {
			g.FMOVQ(arm64.At(from, 16*v), x[v])
		}
	}
	for v := range g.vecs {
		body(v)
	}
}

func (g *strip) store(acc [][]arm64.V) {
	g.Scope(func() {
		c, base, off := g.at("c"), g.base("coff"), g.GP()
		g.rows(c, base, off, acc, func(a []arm64.V) {
			for v := 0; v < g.vecs; v += 2 {
				if v+1 < g.vecs {
					g.FSTPQ(a[v], a[v+1], arm64.At(off, 16*v))
				} else {
					g.StoreQ(a[v], arm64.At(off, 16*v))
				}
			}
		})
	})
}
