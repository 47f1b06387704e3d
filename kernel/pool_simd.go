//go:build (amd64 || arm64) && !purego

package kernel

import (
	"math"

	"github.com/riffle-ml/riffle/asm"
)

func simdMaxPool(p *Pool) {
	three := p.KH == 3 && p.SH == 2
	if p.Masks == nil || p.C == 0 || !three && p.KH != 2 {
		refMaxPool(p)
		return
	}
	masks := p.Masks
	if leftward && three {
		masks = masks[8*leftStrips(p.OW):]
	}
	var s share
	for ok := true; ; {
		if s, ok = s.next(p.C, p.OH, strips(p.OW)); !ok {
			return
		}
		mem, src, dst := &p.Mem[0], &p.Src[s.c0], &p.Dst[s.c0]
		c, x, n := s.c1-s.c0, 4*stripAt(s.s0, p.OW), s.s1-s.s0
		if three {
			asm.MaxPool3x3S2(mem, src, dst, c, p.H, p.W, p.OW, x, n, &masks[s.s0*16])
		} else {
			asm.MaxPool2x2S2(mem, src, dst, c, p.H, p.W, p.OW, x, n)
		}
	}
}

// meanTaps3 and meanTaps5 make a depthwise convolution a mean, pads counted.
var meanTaps3, meanTaps5 = meanTaps(3), meanTaps(5)

// meanTaps has k*k equal taps and a bias of -0, which no sum of pixels notices.
func meanTaps(k int) []float32 {
	w := make([]float32, k*k+1)
	for i := range k * k {
		w[i] = 1 / float32(k*k)
	}
	w[k*k] = float32(math.Copysign(0, -1))
	return w
}

func simdAvgPool(p *Pool) {
	switch {
	case p.Masks == nil || p.C == 0 || p.KH != 2 && !p.CountPad:
		refAvgPool(p)
	case p.KH == 2:
		var s share
		for ok := true; ; {
			if s, ok = s.next(p.C, p.OH, strips(p.OW)); !ok {
				return
			}
			asm.AvgPool2x2S2(&p.Mem[0], &p.Src[s.c0], &p.Dst[s.c0], s.c1-s.c0, p.H, p.W, p.OW, 4*stripAt(s.s0, p.OW), s.s1-s.s0)
		}
	default:
		d := Depthwise{
			Mem: p.Mem, Src: p.Src, Dst: p.Dst, C: p.C, H: p.H, Wid: p.W, OH: p.OH, OW: p.OW,
			KH: p.KH, KW: p.KW, Stride: p.SH, PadTop: p.PadTop, PadLeft: p.PadLeft,
			Masks: p.Masks,
		}
		if leftward && p.KH == 3 && p.SH == 2 {
			d.Masks = p.Masks[:8*leftStrips(p.OW)]
		}
		w := meanTaps3
		if p.KH == 5 {
			w = meanTaps5
		}
		depthwiseCalls(&d, func(int) *float32 { return &w[0] }, 0)
	}
}
