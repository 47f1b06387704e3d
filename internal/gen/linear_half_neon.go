package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// linearHalfN is linearN for a matrix of float16 values, so many rows at a time. Each
// value is converted as it is read; the sums are Linear4's and Linear1's, in their order.
// FCVTL is a part of every arm64 processor.
func linearHalfN(f *arm64.File, rows int) {
	name := fmt.Sprintf("LinearHalf%d", rows)
	g := &product{log: 1, Func: f.Func(name, "func(x *float32, w *uint16, y *float32, in, n int)",
		fmt.Sprintf("%s is Linear%d for a matrix of IEEE binary16 values. in is a multiple of 8.", name, rows),
	)}
	g.blocks(rows, func() arm64.V {
		acc := g.zeros(rows)
		g.Scope(func() {
			g.v, g.t = g.Vs(4), g.Vs(4)
			half := g.Vs(2)
			g.SUBSI(16, g.k, g.k)
			g.BC("LT", "rest")
			g.PCALIGN(16)
			g.Label("loop")
			for h := 0; h < 4; h += 2 {
				g.FLDPQ(arm64.Post(g.x, 32), g.v[h], g.v[h+1])
			}
			for r, p := range g.p {
				g.FLDPQ(arm64.Post(p, 32), half[0], half[1])
				for h, a := range acc[r] {
					g.widen(half[h/2], h%2, g.t[h])
					g.VFMLA(g.t[h], g.v[h], a)
				}
			}
			g.SUBSI(16, g.k, g.k)
			g.BC("GE", "loop")
			g.Label("rest")
			g.TBZ(3, g.k, "sum") // the last eight go to the first four sums
			g.FLDPQ(arm64.Post(g.x, 32), g.v[0], g.v[1])
			for r, p := range g.p {
				g.FMOVQ(arm64.Post(p, 16), half[0])
				for h := range 2 {
					g.widen(half[0], h, g.t[h])
					g.VFMLA(g.t[h], g.v[h], acc[r][0])
				}
			}
			g.Label("sum")
		})
		return g.total(acc)
	})
}

// widen makes float32 of the low (0) or the high (1) four float16 of n.
func (g *product) widen(n arm64.V, part int, d arm64.V) {
	if part == 0 {
		g.FCVTL(n, d)
	} else {
		g.FCVTL2(n, d)
	}
}
