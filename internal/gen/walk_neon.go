package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// walkNEON is [walk] for NEON: for every plane, for every strip of 8 output
// columns, from the top row down. Strip s begins at column min(8*s, ow-8). A
// strip is two vectors wide, or one where a plane has no more than 4 columns.
//
// Masks are vector instructions, and the windowed kernels are bound by those. So
// there are up to three loops over rows: one that masks nothing, for strips inside
// the plane, and others for the strips at its sides. Only the first vector of a strip
// can touch the left side. Only the last one can touch the right side, except in
// narrow strips and in the second column to the right.
type walkNEON struct {
	*arm64.Func
	labels int

	k, stride int
	vecs      int  // of a strip now being emitted: 2, or 1 for narrow planes
	left      bool // this strip may begin at the left side
	right     bool // this strip may end at the right side

	row, out arm64.GP
	ps, pd   arm64.GP // row pitch of source and destination in bytes
	h        arm64.GP
	n        arm64.GP       // row counter, free for the body
	mask     arm64.GP       // this strip's masks: k-1 of 8 columns
	act      *activatorNEON // nil: the kernel has no activation
}

// label makes a name unique.
func (g *walkNEON) label(s string) string {
	g.labels++
	return fmt.Sprintf("%s%d", s, g.labels)
}

// function emits a whole kernel with the arguments of [walkArgs] and args.
// setup runs once, plane once for each plane, strip, with row and out at the
// first pixels and registers of its own, once for each strip. masked tells
// whether there are masks; evenFree, whether the right side of an even width
// needs none.
func (g *walkNEON) function(f *arm64.File, name, args string, doc []string, masked, evenFree bool, setup, plane, strip, planeEnd func()) {
	g.Func = f.Func(name, "func("+walkArgs+args+")", doc...)
	mem, srcs, dsts, c := g.Load("mem"), g.Load("src"), g.Load("dst"), g.Load("c")
	wid, strips, first := g.Load("wid"), g.Load("strips"), g.Load("x")
	g.h, g.ps, g.pd, g.n, g.row, g.out = g.Load("h"), g.GP(), g.GP(), g.GP(), g.GP(), g.GP()
	src, dst, s, x, last := g.GP(), g.GP(), g.GP(), g.GP(), g.GP()
	ow := g.Load("ow")
	g.LSL(2, wid, g.ps)
	g.LSL(2, ow, g.pd)
	var masks arm64.GP
	if masked {
		masks, g.mask = g.Load("masks"), g.GP()
	}
	setup()
	g.SUBI(32, g.pd, last)
	g.Label("planes")
	g.LoadW(arm64.Post(srcs, 4), src)
	g.LoadW(arm64.Post(dsts, 4), dst)
	g.ADDL(src, 2, mem, src)
	g.ADDL(dst, 2, mem, dst)
	plane()
	if masked {
		g.MOVD(masks, g.mask)
	}
	g.MOVD(strips, s)
	g.MOVD(first, x)
	g.Label("strips")
	g.ADDL(x, g.stride-1, src, g.row)
	g.ADD(x, dst, g.out)
	form := func(vecs int, left, right bool) {
		g.vecs, g.left, g.right = vecs, left, right
		g.Scope(strip)
	}
	if !masked {
		g.CMPI(4, ow)
		g.BC("LE", "narrow")
		form(2, false, false)
	} else {
		g.CMPI(4, ow)
		g.BC("LE", "narrow")
		g.CMP(last, x)
		if evenFree {
			g.BC("LT", "inside")
			g.TBNZ(0, wid, "sides")
			g.Label("inside")
			g.CBNZ(x, "plain")
			form(2, true, false)
			g.B("next")
		} else {
			g.BC("GE", "sides")
			g.CBNZ(x, "plain")
		}
		g.Label("sides")
		form(2, true, true)
		g.B("next")
		g.Label("plain")
		form(2, false, false)
	}
	g.Label("next")
	if masked {
		g.ADDI(32*(g.k-1), g.mask, g.mask)
	}
	g.ADDI(32, x, x)
	g.CMP(last, x)
	g.CSEL("GT", last, x, x)
	g.SUBSI(1, s, s)
	g.BC("NE", "strips")
	g.Label("planeEnd")
	planeEnd()
	g.SUBSI(1, c, c)
	g.BC("NE", "planes")
	g.RET()
	g.Label("narrow")
	form(1, masked, masked)
	g.B("planeEnd")
}

// at is the source element dx columns from the strip's pointer.
func (g *walkNEON) at(dx int) arm64.Addr { return arm64.At(g.row, 4*dx) }

// next moves the source down one row.
func (g *walkNEON) next() { g.ADD(g.ps, g.row, g.row) }

// maskAt is 4 columns of the mask of tap column j, which is not the middle
// one: those of vector v.
func (g *walkNEON) maskAt(j, v int) arm64.Addr {
	if j > g.k/2 {
		j--
	}
	return arm64.At(g.mask, 32*j+16*v)
}

// store writes vs to the next output row, after the activation if the kernel has one.
func (g *walkNEON) store(vs []arm64.V) {
	if g.act != nil {
		g.act.activate(g.label("row"), vs)
	}
	g.VST1s(vs, arm64.At(g.out, 0))
	g.ADD(g.pd, g.out, g.out)
}
