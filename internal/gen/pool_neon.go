package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// poolNEON is the unit of the pooling windows that have assembly. Each goes down the
// columns first, over pixels as they lie in memory, and separates even from odd
// columns only once for each output row.
func poolNEON(f *arm64.File) {
	(&poolerNEON{walkNEON{k: 3, stride: 2}}).max3(f)
	(&poolerNEON{walkNEON{k: 2, stride: 2}}).two(f, "MaxPool2x2S2", "the greatest of", true)
	(&poolerNEON{walkNEON{k: 2, stride: 2}}).two(f, "AvgPool2x2S2", "the mean of", false)
}

type poolerNEON struct{ walkNEON }

// columns loads every pixel of the present row under the strip, and before
// them, if before is not the zero value, the four to the left.
func (g *poolerNEON) columns(to []arm64.V, before arm64.V) {
	for u, v := range to {
		g.FMOVQ(g.at(4*u), v)
	}
	if before != (arm64.V{}) {
		g.FMOVQ(g.at(-4), before)
	}
	g.next()
}

func (g *poolerNEON) max3(f *arm64.File) {
	var infinity arm64.V // negative
	g.function(f, "MaxPool3x3S2", ", masks *float32", []string{
		"MaxPool3x3S2 pools each plane by 3x3, stride 2, pad 1. NaN wins.",
		"masks has 2 for each strip.",
	}, true, true, func() {
		infinity = g.V()
		bits := g.GP()
		g.MOVI(0xff800000, bits)
		g.VDUPGP(bits, infinity)
		g.Free(bits)
	}, nothing, func() { g.strip(infinity) }, nothing)
}

func (g *poolerNEON) strip(infinity arm64.V) {
	var left arm64.V
	var right []arm64.V
	if g.left {
		left = g.V()
		g.FMOVQ(g.maskAt(0, 0), left)
	}
	if g.right { // spread over pairs whose first is kept
		right = g.Vs(2)
		ones := g.V()
		g.FMOVQ(g.maskAt(2, g.vecs-1), right[1])
		g.VONES(ones)
		g.VZIP1(right[1], ones, right[0])
		g.VZIP2(right[1], ones, right[1])
		g.Free(ones)
	}
	n := 2*g.vecs + 1 // the last is the four columns to the left
	middle := g.Vs(n)
	above := [2][]arm64.V{g.Vs(n), g.Vs(n)} // the odd row that two outputs share
	odds, out := g.Vs(g.vecs), g.Vs(g.vecs)
	load := func(row []arm64.V) { g.columns(row[:n-1], row[n-1]) }
	max := func(by, m []arm64.V) {
		for i := range m {
			g.FMAX(by[i], m[i], m[i])
		}
	}
	finish := func(m []arm64.V) {
		for i, keep := range right {
			g.VBIF(keep, infinity, m[n-3+i])
		}
		for v := range out {
			g.VUZP2(m[2*v+1], m[2*v], odds[v])
			g.FMAXP(m[2*v+1], m[2*v], out[v])
		}
		before := m[n-1]
		for v := range out {
			t := m[0] // free by now
			g.VEXT(12, odds[v], before, t)
			if g.left && v == 0 {
				g.VBIF(left, out[0], t)
			}
			g.FMAX(t, out[v], out[v])
			before = odds[v]
		}
		g.store(out)
	}
	pair := func(a int) {
		load(middle)
		max(middle, above[a])
		load(above[1-a])
		max(above[1-a], above[a])
		finish(above[a])
	}
	loop, lone, done := g.label("pairs"), [2]string{g.label("lone"), g.label("lone")}, g.label("done")
	for _, v := range above[0] {
		g.VMOV(infinity, v)
	}
	g.LSR(1, g.h, g.n)
	g.CBZ(g.n, lone[0])
	g.PCALIGN(16)
	g.Label(loop)
	pair(0)
	g.SUBSI(1, g.n, g.n)
	g.BC("EQ", lone[1])
	pair(1)
	g.SUBSI(1, g.n, g.n)
	g.BC("NE", loop)
	for a, l := range lone {
		g.Label(l)
		g.TBZ(0, g.h, done)
		load(middle)
		max(middle, above[a])
		finish(above[a])
		if a == 0 {
			g.B(done)
		}
	}
	g.Label(done)
}

// two is 2x2, stride 2, no pad.
func (g *poolerNEON) two(f *arm64.File, name, what string, maximum bool) {
	var quarter arm64.V
	g.function(f, name, "", []string{name + " writes " + what + " each 2x2 pixels; an odd last row or column is dropped."},
		false, false, func() {
			if !maximum {
				quarter = g.V()
				bits := g.GP()
				g.MOVI(0x3e800000, bits) // 0.25
				g.VDUPGP(bits, quarter)
				g.Free(bits)
			}
		}, nothing, func() {
			loop := g.label("pairs")
			a, b := g.Vs(2*g.vecs), g.Vs(2*g.vecs)
			g.LSR(1, g.h, g.n)
			g.PCALIGN(16)
			g.Label(loop)
			g.columns(a, arm64.V{})
			g.columns(b, arm64.V{})
			for i := range a {
				if maximum {
					g.FMAX(b[i], a[i], a[i])
				} else {
					g.FADD(b[i], a[i], a[i])
				}
			}
			for v := range g.vecs {
				if maximum {
					g.FMAXP(a[2*v+1], a[2*v], a[v])
				} else {
					g.FADDP(a[2*v+1], a[2*v], a[v])
					g.FMUL(quarter, a[v], a[v])
				}
			}
			g.store(a[:g.vecs])
			g.SUBSI(1, g.n, g.n)
			g.BC("NE", loop)
		}, nothing)
}
