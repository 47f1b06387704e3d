package kernel

import (
	"fmt"
	"math"
)

// Check tells where p breaks its contract.
func (p *Pool) Check() error {
	const name = "pool"
	if err := p.checkSizes(name); err != nil {
		return err
	}
	return checkWindows(name, len(p.Mem), p.C, planes{"Src", p.Src, p.H * p.W, Slack, Slack}, planes{"Dst", p.Dst, p.OH * p.OW, 0, Slack})
}

// checkSizes tells which size is none, or that a window covers no pixel.
func (p *Pool) checkSizes(name string) error {
	if err := positive(name, "H", p.H, "W", p.W, "OH", p.OH, "OW", p.OW, "KH", p.KH, "KW", p.KW, "SH", p.SH, "SW", p.SW); err != nil {
		return err
	}
	if p.C < 0 || p.PadTop < 0 || p.PadLeft < 0 {
		return fmt.Errorf("%s: C %d, PadTop %d, PadLeft %d, wanted none negative", name, p.C, p.PadTop, p.PadLeft)
	}
	if p.PadTop >= p.KH || p.PadLeft >= p.KW || (p.OH-1)*p.SH-p.PadTop >= p.H || (p.OW-1)*p.SW-p.PadLeft >= p.W {
		return fmt.Errorf("%s: %dx%d windows of %dx%d, steps %d and %d, pads %d and %d, over %dx%d pixels, wanted each to cover a pixel",
			name, p.OH, p.OW, p.KH, p.KW, p.SH, p.SW, p.PadTop, p.PadLeft, p.H, p.W)
	}
	return nil
}

// window returns the part of the k pixels from first on that lies in [0, n).
func window(first, k, n int) (lo, hi int) { return max(first, 0), min(first+k, n) }

func refMaxPool(p *Pool) {
	eachWindow(p, p.Mem, func(_ int, src []float32, top, bottom, left, right int) float32 {
		m := float32(math.Inf(-1))
		for y := top; y < bottom; y++ {
			for _, v := range src[y*p.W+left : y*p.W+right] {
				if v > m || v != v {
					m = v
				}
				if m != m {
					return m
				}
			}
		}
		return m
	})
}

func refAvgPool(p *Pool) {
	eachWindow(p, p.Mem, func(_ int, src []float32, top, bottom, left, right int) float32 {
		n := p.KH * p.KW
		if !p.CountPad {
			n = (bottom - top) * (right - left)
		}
		sum := float32(0)
		for y := top; y < bottom; y++ {
			for _, v := range src[y*p.W+left : y*p.W+right] {
				sum += v
			}
		}
		return sum / float32(n)
	})
}

// eachWindow stores what reduce makes of every window: of the rows [top, bottom) and the
// columns [left, right) of plane c, which is src. Planes are in mem, all else in p.
func eachWindow[T float32 | byte](p *Pool, mem []T, reduce func(c int, src []T, top, bottom, left, right int) T) {
	for c := range p.C {
		src, dst := mem[p.Src[c]:][:p.H*p.W], mem[p.Dst[c]:][:p.OH*p.OW]
		for y := range p.OH {
			top, bottom := window(y*p.SH-p.PadTop, p.KH, p.H)
			for x := range p.OW {
				left, right := window(x*p.SW-p.PadLeft, p.KW, p.W)
				dst[y*p.OW+x] = reduce(c, src, top, bottom, left, right)
			}
		}
	}
}
