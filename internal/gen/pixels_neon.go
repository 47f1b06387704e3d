package main

import (
	"fmt"

	"github.com/riffle-ml/riffle/internal/gen/arm64"
)

// pixelsNEON is the unit of the permutation inside an NHWC pixel: 8 outputs of
// every pixel at a time.
func pixelsNEON(f *arm64.File) {
	for _, windows := range []int{1, 2} {
		pixelWindowsNEON(f, windows)
	}
	pixelScalarsNEON(f)
}

// pixelWindowsNEON takes the 8 outputs from a few windows of 8 channels: a
// lookup gives each half's, with 0 for those of another window. From three
// windows on, by llvm-mca's models, 8 loads are as fast or faster.
func pixelWindowsNEON(f *arm64.File, windows int) {
	name := fmt.Sprintf("PixelWindows%d", windows)
	g := f.Func(name, "func(dst, src *float32, n, step int, starts, lanes *int32)",
		name+" writes 8 floats of each of n pixels, step bytes apart.",
		"starts has the first element of each window; lanes, for each window, the four byte",
		"numbers of each of 8 outputs, none below 32 where an output is not from this window.")
	dst, src, n, step := g.Load("dst"), g.Load("src"), g.Load("n"), g.Load("step")
	starts, lanes := g.Load("starts"), g.Load("lanes")
	at := g.GPs(windows)
	var bytes [][]arm64.V
	for w, r := range at {
		g.LoadW(arm64.Post(starts, 4), r)
		g.ADDL(r, 2, src, r)
		bytes = append(bytes, g.Vs(2))
		g.FLDPQ(arm64.At(lanes, 32*w), bytes[w][0], bytes[w][1])
	}
	in, part, out := g.Vs(2), g.Vs(2), g.Vs(2)
	g.PCALIGN(16)
	g.Label("pixels")
	for w, r := range at {
		g.FLDPQ(arm64.At(r, 0), in[0], in[1])
		g.ADD(step, r, r)
		for h := range 2 {
			if w == 0 {
				g.VTBL(bytes[w][h], in, out[h])
				continue
			}
			g.VTBL(bytes[w][h], in, part[h])
			g.VORR(part[h], out[h], out[h])
		}
	}
	g.VST1s(out, arm64.At(dst, 0))
	g.ADD(step, dst, dst)
	g.SUBSI(1, n, n)
	g.BC("NE", "pixels")
	g.RET()
}

// pixelScalarsNEON takes the 8 outputs one by one, from anywhere.
func pixelScalarsNEON(f *arm64.File) {
	g := f.Func("PixelScalars", "func(dst, src *float32, n, step int, from *int32)",
		"PixelScalars writes 8 floats of each of n pixels, step bytes apart: those at the 8",
		"elements that from names.")
	dst, src, n, step, from := g.Load("dst"), g.Load("src"), g.Load("n"), g.Load("step"), g.Load("from")
	at := g.GPs(8)
	for i := 0; i < 8; i += 2 {
		g.LDPSW(arm64.At(from, 4*i), at[i], at[i+1])
	}
	x := g.GPs(8)
	g.PCALIGN(16)
	g.Label("pixels")
	for i, r := range at {
		g.LoadWU(arm64.Index(src, r, 2), x[i])
	}
	for i := 0; i < 8; i += 2 {
		g.StorePW(x[i], x[i+1], arm64.At(dst, 4*i))
	}
	g.ADD(step, src, src)
	g.ADD(step, dst, dst)
	g.SUBSI(1, n, n)
	g.BC("NE", "pixels")
	g.RET()
}
