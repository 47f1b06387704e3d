package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// linearNEON is the unit of the matrix-vector product, which is bound by the bytes
// of W. Four rows at a time share the loads of x. The argument mask serves AVX2
// alone.
func linearNEON(f *arm64.File) {
	for _, rows := range []int{4, 1} {
		linearN(f, rows)
	}
	for _, rows := range []int{4, 1} {
		dotsN(f, rows)
	}
	for _, rows := range []int{4, 1} {
		linearHalfN(f, rows)
	}
}

// product is what both have in common: blocks of rows and pointers through them.
type product struct {
	*arm64.Func
	log int // an element of W is 1 << log bytes
	x   arm64.GP
	p   []arm64.GP // rows
	k   arm64.GP   // inputs to do
	v   []arm64.V  // of x
	t   []arm64.V  // of a row
	tmp []arm64.V  // tail of x, then of every row
}

// blocks loops over blocks of rows: body makes a register with the sum of
// each row in its lanes.
func (g *product) blocks(rows int, body func() arm64.V) {
	x, w, y, in, n := g.Load("x"), g.Load("w"), g.Load("y"), g.Load("in"), g.Load("n")
	g.x, g.k, g.p = g.GP(), g.GP(), g.GPs(rows)
	ld := g.GP() // bytes of a row
	g.LSL(g.log, in, ld)
	g.MOVD(w, g.p[0])
	g.Label("block")
	for r := 1; r < rows; r++ {
		g.ADD(ld, g.p[r-1], g.p[r])
	}
	g.MOVD(x, g.x)
	g.MOVD(in, g.k)
	g.Scope(func() {
		if sum := body(); rows == 4 {
			g.StoreQ(sum, arm64.Post(y, 16))
		} else {
			g.StoreVS(sum, arm64.Post(y, 4))
		}
	})
	g.MOVD(g.p[rows-1], g.p[0]) // the last row's end
	g.SUBSI(1, n, n)
	g.BC("NE", "block")
	g.RET()
}

// zeros takes four registers for each row, and clears them.
func (g *product) zeros(rows int) [][]arm64.V {
	acc := make([][]arm64.V, rows)
	for r := range acc {
		acc[r] = g.Vs(4)
		for _, a := range acc[r] {
			g.VZERO(a)
		}
	}
	return acc
}

// partial loads what is left of k mod 4 into tmp, zeros beyond, and steps over
// it; it goes to none if that is nothing.
func (g *product) partial(none string) {
	from := append([]arm64.GP{g.x}, g.p...)
	g.TBZ(1, g.k, "below2")
	for i, p := range from {
		g.FMOVD(arm64.Post(p, 8), g.tmp[i])
	}
	g.TBZ(0, g.k, "partial")
	for i, p := range from {
		g.VLD1Lane(arm64.Post(p, 4), g.tmp[i], 2)
	}
	g.B("partial")
	g.Label("below2")
	g.TBZ(0, g.k, none)
	for i, p := range from {
		g.FMOVS(arm64.Post(p, 4), g.tmp[i])
	}
	g.Label("partial")
}

// linearN emits the product of so many rows at a time.
func linearN(f *arm64.File, rows int) {
	name := fmt.Sprintf("Linear%d", rows)
	g := &product{log: 2, Func: f.Func(name, linearSignature,
		fmt.Sprintf("%s computes n blocks of %d outputs: y[o] = sum over i < in of w[o*in+i]*x[i].", name, rows),
		"Of whole sixteens, term i goes to partial sum i mod 16; the others to the first four.",
	)}
	g.blocks(rows, func() arm64.V {
		acc := g.zeros(rows)
		g.Scope(func() {
			g.v, g.t = g.Vs(4), g.Vs(4)
			g.SUBSI(16, g.k, g.k)
			g.BC("LT", "rest")
			g.PCALIGN(16)
			g.Label("loop")
			for h := 0; h < 4; h += 2 {
				g.FLDPQ(arm64.Post(g.x, 32), g.v[h], g.v[h+1])
			}
			for r, p := range g.p {
				for h := 0; h < 4; h += 2 {
					g.FLDPQ(arm64.Post(p, 32), g.t[h], g.t[h+1])
				}
				for h, a := range acc[r] {
					g.VFMLA(g.t[h], g.v[h], a)
				}
			}
			g.SUBSI(16, g.k, g.k)
			g.BC("GE", "loop")
			g.Label("rest")
			g.ADDI(16, g.k, g.k)
			g.Label("four")
			g.CMPI(4, g.k)
			g.BC("LT", "tail")
			g.FMOVQ(arm64.Post(g.x, 16), g.v[0])
			for r, p := range g.p {
				g.FMOVQ(arm64.Post(p, 16), g.t[0])
				g.VFMLA(g.t[0], g.v[0], acc[r][0])
			}
			g.SUBI(4, g.k, g.k)
			g.B("four")
			g.Label("tail")
			g.tmp = append(g.v, g.t...)[:1+rows]
			g.partial("sum")
			for r := range rows {
				g.VFMLA(g.tmp[1+r], g.tmp[0], acc[r][0])
			}
			g.Label("sum")
		})
		return g.total(acc)
	})
}

// total adds up the four registers of each row, and then their lanes: a sum for each
// row, in one register.
func (g *product) total(acc [][]arm64.V) arm64.V {
	sums := make([]arm64.V, len(acc))
	for r, a := range acc {
		g.FADD(a[1], a[0], a[0])
		g.FADD(a[3], a[2], a[2])
		g.FADD(a[2], a[0], a[0])
		sums[r] = a[0]
	}
	if len(sums) == 1 {
		g.FADDP(sums[0], sums[0], sums[0])
		g.FADDP(sums[0], sums[0], sums[0])
		return sums[0]
	}
	for len(sums) > 1 {
		for i := 0; i < len(sums); i += 2 {
			g.FADDP(sums[i+1], sums[i], sums[i])
			sums[i/2] = sums[i]
		}
		sums = sums[:len(sums)/2]
	}
	return sums[0]
}

// dotsN is linearN in the order that every instruction set keeps: one set of
// eight partial sums, and a rounding after each product.
func dotsN(f *arm64.File, rows int) {
	name := fmt.Sprintf("Dots%d", rows)
	g := &product{log: 2, Func: f.Func(name, linearSignature,
		fmt.Sprintf("%s computes n blocks of %d outputs: y[o] = sum over i < in of w[o*in+i]*x[i].", name, rows),
		"Term i is rounded, then added to partial sum i mod 8.",
	)}
	g.blocks(rows, func() arm64.V {
		lo, hi := g.Vs(rows), g.Vs(rows)
		for r := range rows {
			g.VZERO(lo[r])
			g.VZERO(hi[r])
		}
		g.Scope(func() {
			g.v, g.t = g.Vs(2), g.Vs(2)
			add := func(t, x arm64.V, acc arm64.V) {
				g.FMUL(t, x, t)
				g.FADD(t, acc, acc)
			}
			g.SUBSI(8, g.k, g.k)
			g.BC("LT", "rest")
			g.PCALIGN(16)
			g.Label("loop")
			g.FLDPQ(arm64.Post(g.x, 32), g.v[0], g.v[1])
			for r, p := range g.p {
				g.FLDPQ(arm64.Post(p, 32), g.t[0], g.t[1])
				add(g.t[0], g.v[0], lo[r])
				add(g.t[1], g.v[1], hi[r])
			}
			g.SUBSI(8, g.k, g.k)
			g.BC("GE", "loop")
			g.Label("rest")
			g.ADDI(8, g.k, g.k)
			g.CBZ(g.k, "sum")
			// A last block of eight, with zeros behind its end: the zeros are added too.
			g.tmp = g.Vs(1 + rows)
			for _, t := range g.tmp {
				g.VZERO(t)
			}
			g.TBZ(2, g.k, "short")
			g.FMOVQ(arm64.Post(g.x, 16), g.v[0])
			for r, p := range g.p {
				g.FMOVQ(arm64.Post(p, 16), g.t[0])
				add(g.t[0], g.v[0], lo[r])
			}
			g.Label("short")
			g.partial("zeros")
			g.Label("zeros")
			for r := range rows {
				g.FMUL(g.tmp[1+r], g.tmp[0], g.tmp[1+r])
			}
			g.TBNZ(2, g.k, "long")
			g.VZERO(g.v[0])
			for r := range rows {
				g.FADD(g.tmp[1+r], lo[r], lo[r])
				g.FADD(g.v[0], hi[r], hi[r])
			}
			g.B("sum")
			g.Label("long")
			for r := range rows {
				g.FADD(g.tmp[1+r], hi[r], hi[r])
			}
			g.Label("sum")
		})
		for r := range rows {
			g.FADD(hi[r], lo[r], lo[r])
		}
		// Of t: (t0 + t2) + (t1 + t3), two rows in a register.
		for r := 0; r < rows; r += 2 {
			next := lo[min(r+1, rows-1)]
			g.VZIP1D(next, lo[r], hi[r])
			g.VZIP2D(next, lo[r], lo[r])
			g.FADD(lo[r], hi[r], lo[r])
		}
		last := lo[min(2, rows-1)]
		g.FADDP(last, lo[0], lo[0])
		return lo[0]
	})
}
