//go:build (amd64 || arm64) && !purego

package kernel

import (
	"fmt"
	"math"
)

// poolUnits is what the driver of pooling needs of a set: units for the windows that
// are used most, which go over planes as a depthwise convolution's do, and what pools
// with any other.
type poolUnits struct {
	set       string
	walk      *walk
	max3s1    func(mem *float32, src, dst *int32, c, h, wid, ow, x, strips int, masks *float32) // may be nil
	max3s2    func(mem *float32, src, dst *int32, c, h, wid, ow, x, strips int, masks *float32)
	max2s2    func(mem *float32, src, dst *int32, c, h, wid, ow, x, strips int)
	avg2s2    func(mem *float32, src, dst *int32, c, h, wid, ow, x, strips int)
	depthwise *depthwiseUnits // for means over 3x3 and 5x5
	folds     *poolFolds
}

func (u *poolUnits) hasMax(p *Pool) bool {
	return p.Masks != nil && (p.pairs() || p.KH == 3 && p.centred() && (p.SH == 2 || u.max3s1 != nil))
}

func (u *poolUnits) hasAvg(p *Pool) bool {
	return p.Masks != nil && (p.pairs() || p.CountPad && p.centred())
}

// maxUnit is the driver's choice by name.
func (u *poolUnits) maxUnit(p *Pool) string {
	switch {
	case !p.folded():
		return ""
	case !u.hasMax(p):
		return "maxpool_" + u.set
	}
	return fmt.Sprintf("maxpool%dx%ds%d_%s", p.KH, p.KW, p.SH, u.set)
}

func (u *poolUnits) max(p *Pool) {
	switch {
	case p.C == 0:
		return
	case !p.folded():
		refMaxPool(p)
		return
	case !u.hasMax(p):
		u.folds.run(p, true)
		return
	}
	masks := p.Masks
	max3 := u.max3s1
	if p.SH == 2 {
		max3 = u.max3s2
	}
	if u.walk.leftward && p.KH == 3 && p.SH == 2 {
		masks = masks[u.walk.maskLen()*u.walk.leftStrips(p.OW):]
	}
	var s share
	for ok := true; ; {
		if s, ok = s.next(p.C, p.OH, u.walk.strips(p.OW)); !ok {
			return
		}
		mem, src, dst := &p.Mem[0], &p.Src[s.c0], &p.Dst[s.c0]
		c, x, n := s.c1-s.c0, 4*u.walk.at(s.s0, p.OW), s.s1-s.s0
		if p.KH == 3 {
			max3(mem, src, dst, c, p.H, p.W, p.OW, x, n, &masks[s.s0*2*u.walk.maskLen()])
		} else {
			u.max2s2(mem, src, dst, c, p.H, p.W, p.OW, x, n)
		}
	}
}

// avgUnit is the driver's choice by name.
func (u *poolUnits) avgUnit(p *Pool) string {
	switch {
	case !p.folded():
		return ""
	case !u.hasAvg(p):
		return "avgpool_" + u.set
	}
	return fmt.Sprintf("avgpool%dx%ds%d_%s", p.KH, p.KW, p.SH, u.set)
}

func (u *poolUnits) avg(p *Pool) {
	switch {
	case p.C == 0:
	case !p.folded():
		refAvgPool(p)
	case !u.hasAvg(p):
		u.folds.run(p, false)
	case p.KH == 2:
		var s share
		for ok := true; ; {
			if s, ok = s.next(p.C, p.OH, u.walk.strips(p.OW)); !ok {
				return
			}
			u.avg2s2(&p.Mem[0], &p.Src[s.c0], &p.Dst[s.c0], s.c1-s.c0, p.H, p.W, p.OW, 4*u.walk.at(s.s0, p.OW), s.s1-s.s0)
		}
	default:
		u.mean(p)
	}
}

// meanTaps3 and meanTaps5 make a depthwise convolution a mean that counts pads.
var meanTaps3, meanTaps5 = meanTaps(3), meanTaps(5)

// meanTaps has k*k equal taps and a bias of -0, which changes no sum of pixels.
func meanTaps(k int) []float32 {
	w := make([]float32, k*k+1)
	for i := range k * k {
		w[i] = 1 / float32(k*k)
	}
	w[k*k] = float32(math.Copysign(0, -1))
	return w
}

// mean is a depthwise convolution with the same taps for every plane.
func (u *poolUnits) mean(p *Pool) {
	d := Depthwise{
		Mem: p.Mem, Src: p.Src, Dst: p.Dst, C: p.C, H: p.H, Wid: p.W, OH: p.OH, OW: p.OW,
		KH: p.KH, KW: p.KW, SH: p.SH, SW: p.SW, PadTop: p.PadTop, PadLeft: p.PadLeft, Masks: p.Masks,
	}
	if u.walk.leftward && p.KH == 3 && p.SH == 2 {
		d.Masks = p.Masks[:u.walk.maskLen()*u.walk.leftStrips(p.OW)]
	}
	w := meanTaps3
	if p.KH == 5 {
		w = meanTaps5
	}
	u.depthwise.calls(u.depthwise.choose(&d), &d, w, 0)
}
