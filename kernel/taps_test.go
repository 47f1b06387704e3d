package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestDepthwiseAnyWindow: windows of any shape, strides and dilations that differ, and
// planes of more rows than are computed at a time.
func TestDepthwiseAnyWindow(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(3, 4))
		fast := 0
		one := func(d Depthwise) {
			d.Act = activations[rng.IntN(len(activations))]
			if d.Masks = set.DepthwiseMasks(&d); d.Masks != nil {
				fast++
			}
			testDepthwise(t, set, rng, d)
		}
		for range 500 {
			d := Depthwise{
				C: 1 + rng.IntN(3), H: 1 + rng.IntN(40), Wid: 1 + rng.IntN(40), KH: 1 + rng.IntN(12), KW: 1 + rng.IntN(12),
				SH: 1 + rng.IntN(4), SW: 1 + rng.IntN(4), DH: rng.IntN(4), DW: rng.IntN(4),
			}
			if rng.IntN(2) == 0 {
				d.SH, d.SW, d.DH, d.DW = 1, 1, 1, 1
			}
			d.PadTop, d.PadLeft = rng.IntN(d.KH), rng.IntN(d.KW)
			d.OH, d.OW = 1+rng.IntN(d.H/d.SH+2), 1+rng.IntN(d.Wid/d.SW+2)
			one(d)
		}
		if fast < 300 && set != generic {
			t.Errorf("%d of 500 shapes had a fast path", fast)
		}
		for _, d := range []Depthwise{
			{C: 1, H: 201, Wid: 130, OH: 201, OW: 130, KH: 7, KW: 7, SH: 1, SW: 1, PadTop: 3, PadLeft: 3},
			{C: 1, H: 200, Wid: 130, OH: 100, OW: 65, KH: 3, KW: 3, SH: 2, SW: 2},
			{C: 1, H: 3, Wid: 9000, OH: 3, OW: 9000, KH: 1, KW: 15, SH: 1, SW: 1, PadLeft: 7},
			{C: 1, H: 9000, Wid: 3, OH: 9000, OW: 3, KH: 15, KW: 1, SH: 1, SW: 1, PadTop: 7},
			{C: 1, H: 40, Wid: 40, OH: 40, OW: 40, KH: 63, KW: 63, SH: 1, SW: 1, PadTop: 31, PadLeft: 31},
			{C: 1, H: 64, Wid: 400, OH: 64, OW: 400, KH: 31, KW: 31, SH: 1, SW: 1, PadTop: 15, PadLeft: 15},
		} {
			before := fast
			one(d)
			if fast == before && set != generic {
				t.Errorf("%+v: left to the reference", d)
			}
		}
	})
}

// TestMostlyPadding: what a call takes to work in is bounded by its planes, not by the
// padding and the window.
func TestMostlyPadding(t *testing.T) {
	for _, w := range []int{1, 2, 5, 16, 100} {
		for _, k := range []int{1, 3, 7, 30, 200, 4000} {
			for _, stride := range []int{1, 2, 50, 4000} {
				for _, out := range []int{1, 2, w/stride + 1, 64} {
					d := Depthwise{H: w, Wid: w, OH: out, OW: out, KH: k, KW: k, SH: stride, SW: stride, DH: 1 + k%3, DW: 1 + k%3, PadTop: k - 1, PadLeft: k - 1}
					if d.gridded() {
						if g := d.grid(); g.pixels() > 16*(w*w+out*out)+2000 {
							t.Errorf("%+v: %d pixels of phases", d, g.pixels())
						}
					}
					p := Pool{H: w, W: w, OH: out, OW: out, KH: k, KW: k, SH: stride, SW: stride, PadTop: k - 1, PadLeft: k - 1}
					if p.Masks = []float32{}; p.folded() && (out-1)*stride < w+k-1 {
						p.bands()
						if len(p.Work) > 2*(w*w+out*out)+40*bandPixels {
							t.Errorf("%+v: %d elements to work in", p, len(p.Work))
						}
					}
				}
			}
		}
	}
}
