package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// qphasesNEON is the unit that copies planes of bytes with padding around them: see
// [qphases].
func qphasesNEON(f *arm64.File) {
	for stride := 1; stride <= 2; stride++ {
		qphasesStrideNEON(f, stride)
	}
}

func qphasesStrideNEON(f *arm64.File, stride int) {
	name := fmt.Sprintf("QPhases%d", stride)
	g := f.Func(name, "func(dst, mem *byte, src *int32, zeros *byte, c, off, plane, top, rows, n, gap, bottom, step int)",
		fmt.Sprintf("%s copies pixels of c planes of bytes. Each plane of dst, of which the next one is plane bytes on, gets top", name),
		"bytes of its zero point, then for each of rows n pixels and gap bytes of its zero point, then bottom bytes of it.",
		fmt.Sprintf("The pixels are every %d. one from mem[src[i]+off] on, those of the next row step bytes on. Up to 15 bytes", stride),
		"behind a plane of dst are written too, and up to 32 bytes behind the pixels read. c is at least 1.")
	src, mem, zeros, c, dst := g.Load("src"), g.Load("mem"), g.Load("zeros"), g.Load("c"), g.Load("dst")
	n, gap, step, plane := g.Load("n"), g.Load("gap"), g.Load("step"), g.Load("plane")
	from, to, rows, i, in, out, fill := g.GP(), g.GP(), g.GP(), g.GP(), g.GP(), g.GP(), g.V()
	g.Scope(func() { g.ADD(g.Load("off"), mem, mem) })
	// padding writes count zero points.
	padding := func(label string, count arm64.GP) {
		g.CBZ(count, label+"done")
		g.MOVD(count, i)
		g.MOVD(to, out)
		g.Label(label)
		g.StoreQ(fill, arm64.Post(out, 16))
		g.SUBSI(16, i, i)
		g.BC("GT", label)
		g.ADD(count, to, to)
		g.Label(label + "done")
	}
	g.Label("plane")
	g.LoadW(arm64.Post(src, 4), from)
	g.ADD(mem, from, from)
	g.VLD1RB(arm64.Post(zeros, 1), fill)
	g.MOVD(dst, to)
	g.Scope(func() { padding("top", g.Load("top")) })
	g.LoadTo("rows", rows)
	g.Label("row")
	g.SUBSI(1, rows, rows)
	g.BC("LT", "below")
	g.MOVD(from, in)
	g.MOVD(to, out)
	g.MOVD(n, i)
	x := g.Vs(2)
	g.Label("pixels")
	if stride == 1 {
		g.FMOVQ(arm64.Post(in, 16), x[0])
	} else {
		g.FLDPQ(arm64.Post(in, 32), x[0], x[1])
		g.VUZP1B(x[1], x[0], x[0])
	}
	g.StoreQ(x[0], arm64.Post(out, 16))
	g.SUBSI(16, i, i)
	g.BC("GT", "pixels")
	g.ADD(n, to, to)
	g.ADD(step, from, from)
	padding("gap", gap)
	g.B("row")
	g.Label("below")
	g.Scope(func() { padding("bottom", g.Load("bottom")) })
	g.ADD(plane, dst, dst)
	g.SUBSI(1, c, c)
	g.BC("NE", "plane")
	g.RET()
}
