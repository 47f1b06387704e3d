package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// phasesNEON is the unit of the strided, padded copy.
func phasesNEON(f *arm64.File) {
	for _, stride := range []int{1, 2} {
		phaseRowsNEON(f, stride)
	}
}

// phaseRowsNEON needs no masks, as [phaseRows] needs none.
func phaseRowsNEON(f *arm64.File, stride int) {
	name := fmt.Sprintf("PhaseRows%d", stride)
	g := f.Func(name, "func(dst, src *float32, rows, left, n, right, step int)",
		fmt.Sprintf("%s writes rows of left zeros, every pixel of n with %d from one to the next,", name, stride),
		"and right zeros. Rows of src lie step bytes apart, those of dst side by side.")
	dst, src, rows := g.Load("dst"), g.Load("src"), g.Load("rows")
	left, n, right, step := g.Load("left"), g.Load("n"), g.Load("right"), g.Load("step")
	zero, from, to, i := g.V(), g.GP(), g.GP(), g.GP()
	g.VZERO(zero)
	zeros := func(label string, count arm64.GP) {
		g.CBZ(count, label+"done")
		g.MOVD(count, i)
		g.MOVD(dst, to)
		g.Label(label)
		g.StoreQ(zero, arm64.Post(to, 16))
		g.SUBSI(4, i, i)
		g.BC("GT", label)
		g.ADDL(count, 2, dst, dst)
		g.Label(label + "done")
	}
	g.Label("rows")
	zeros("left", left)
	g.MOVD(n, i)
	g.MOVD(src, from)
	g.MOVD(dst, to)
	in, out := g.Vs(4), g.Vs(2)
	g.PCALIGN(16)
	g.Label("pixels")
	if stride == 1 {
		g.FLDPQ(arm64.Post(from, 32), out[0], out[1])
	} else {
		g.FLDPQ(arm64.At(from, 0), in[0], in[1])
		g.FLDPQ(arm64.At(from, 32), in[2], in[3])
		g.ADDI(64, from, from)
		g.VUZP1(in[1], in[0], out[0])
		g.VUZP1(in[3], in[2], out[1])
	}
	g.VST1s(out, arm64.Post(to, 32))
	g.SUBSI(8, i, i)
	g.BC("GT", "pixels")
	g.ADDL(n, 2, dst, dst)
	zeros("right", right)
	g.ADD(step, src, src)
	g.SUBSI(1, rows, rows)
	g.BC("NE", "rows")
	g.RET()
}
