package main

import (
	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// phasesNEON is the unit of the strided, padded copy.
func phasesNEON(f *arm64.File) {
	for _, stride := range []int{1, 2, 4, anyStride} {
		phaseRowsNEON(f, stride)
	}
}

// phaseRowsNEON needs no masks, as [phaseRows] needs none.
func phaseRowsNEON(f *arm64.File, stride int) {
	name, more := phaseRowsName(stride)
	g := f.Func(name, "func(dst, src *float32, rows, left, n, right, step"+more+" int)", phaseRowsDoc(name, stride)...)
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
	if stride == anyStride {
		pixelsApartNEON(g, from, to, i)
	} else {
		pixelsCloseNEON(g, from, to, i, stride)
	}
	g.ADDL(n, 2, dst, dst)
	zeros("right", right)
	g.ADD(step, src, src)
	g.SUBSI(1, rows, rows)
	g.BC("NE", "rows")
	g.RET()
}

// pixelsCloseNEON is [pixelsClose] for i pixels.
func pixelsCloseNEON(g *arm64.Func, from, to, i arm64.GP, stride int) {
	in, out := g.Vs(4), g.Vs(2)
	g.PCALIGN(16)
	g.Label("pixels")
	switch stride {
	case 1:
		g.FLDPQ(arm64.Post(from, 32), out[0], out[1])
	case 2:
		evensNEON(g, from, in, out[0], out[1])
	case 4:
		evensNEON(g, from, in, out[0], out[1])
		evensNEON(g, from, in, in[0], in[1])
		g.VUZP1(out[1], out[0], out[0])
		g.VUZP1(in[1], in[0], out[1])
	}
	g.VST1s(out, arm64.Post(to, 32))
	g.SUBSI(8, i, i)
	g.BC("GT", "pixels")
}

// evensNEON loads 16 pixels to in and makes a and b of every second one. a and b may be
// the first two of in.
func evensNEON(g *arm64.Func, from arm64.GP, in []arm64.V, a, b arm64.V) {
	g.FLDPQ(arm64.At(from, 0), in[0], in[1])
	g.FLDPQ(arm64.At(from, 32), in[2], in[3])
	g.ADDI(64, from, from)
	g.VUZP1(in[1], in[0], a)
	g.VUZP1(in[3], in[2], b)
}

// pixelsApartNEON is [pixelsApart] for i pixels. It loads 4 at a time.
func pixelsApartNEON(g *arm64.Func, from, to, i arm64.GP) {
	stride, stride2, stride3 := g.Load("stride"), g.GP(), g.GP()
	v := g.Vs(4)
	g.ADD(stride, stride, stride2)
	g.ADD(stride, stride2, stride3)
	g.SUBSI(4, i, i)
	g.BC("LT", "single")
	g.PCALIGN(16)
	g.Label("pixels")
	g.FMOVS(arm64.At(from, 0), v[0])
	g.FMOVS(arm64.Index(from, stride, 0), v[1])
	g.FMOVS(arm64.Index(from, stride2, 0), v[2])
	g.FMOVS(arm64.Index(from, stride3, 0), v[3])
	g.ADDL(stride, 2, from, from)
	g.VZIP1(v[1], v[0], v[0])
	g.VZIP1(v[3], v[2], v[2])
	g.VZIP1D(v[2], v[0], v[0])
	g.StoreQ(v[0], arm64.Post(to, 16))
	g.SUBSI(4, i, i)
	g.BC("GE", "pixels")
	g.Label("single")
	g.ADDI(4, i, i)
	g.CBZ(i, "pixelsdone")
	g.Label("singles")
	g.FMOVS(arm64.At(from, 0), v[0])
	g.ADD(stride, from, from)
	g.StoreVS(v[0], arm64.Post(to, 4))
	g.SUBSI(1, i, i)
	g.BC("NE", "singles")
	g.Label("pixelsdone")
}
