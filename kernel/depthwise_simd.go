//go:build (amd64 || arm64) && !purego

package kernel

import "github.com/riffle-ml/riffle/asm"

// callVectors is how many vectors of 8 outputs one call of a windowed kernel
// writes at most: a quarter of a millisecond at 20 cycles each, which only a
// plane far outside the cache costs. It cannot be preempted for that long.
const callVectors = 1 << 15

// share is a kernel's share of a windowed operation: planes [c0, c1), strips
// [s0, s1).
type share struct{ c0, c1, s0, s1 int }

// next returns the share that follows s of c planes of all strips of oh rows,
// and false after the last. Zero begins.
func (s share) next(c, oh, all int) (share, bool) {
	if s.s1 == 0 || s.s1 == all { // go on with whole planes
		if s.c1 == c {
			return s, false
		}
		if planes := callVectors / (oh * all); planes > 0 {
			return share{s.c1, min(c, s.c1+planes), 0, all}, true
		}
		s = share{s.c1, s.c1 + 1, 0, 0}
	}
	step := max(1, callVectors/oh)
	return share{s.c0, s.c1, s.s1, min(all, s.s1+step)}, true
}

func simdDepthwise(d *Depthwise) {
	if d.Masks == nil || d.C == 0 {
		refDepthwise(d)
		return
	}
	taps := d.KH*d.KW + 1
	depthwiseCalls(d, func(c int) *float32 { return &d.W[c*taps] }, 4*taps)
}

// depthwiseCalls makes the calls for d, the taps of channel c being at w(c)
// and step bytes on.
func depthwiseCalls(d *Depthwise, w func(c int) *float32, step int) {
	clamp, lo, hi := d.Act.arguments()
	all, left := strips(d.OW), leftward && d.KW == 3 && d.Stride == 2
	if left {
		all = leftStrips(d.OW)
	}
	perStrip := len(d.Masks) / all
	var s share
	for ok := true; ; {
		if s, ok = s.next(d.C, d.OH, all); !ok {
			return
		}
		mem, src, dst, taps := &d.Mem[0], &d.Src[s.c0], &d.Dst[s.c0], w(s.c0)
		c, x, n := s.c1-s.c0, 4*stripAt(s.s0, d.OW), s.s1-s.s0
		masks := &d.Masks[s.s0*perStrip]
		switch {
		case d.KW == 3 && d.Stride == 2:
			if left {
				x = 4 * leftStripAt(s.s0, d.OW)
			}
			asm.Depthwise3x3S2(mem, src, dst, c, d.H, d.Wid, d.OW, x, n, taps, step, masks, clamp, lo, hi)
		case d.KW == 3:
			asm.Depthwise3x3S1(mem, src, dst, c, d.H, d.Wid, d.OW, x, n, taps, step, masks, clamp, lo, hi)
		case d.Stride == 1:
			asm.Depthwise5x5S1(mem, src, dst, c, d.H, d.Wid, d.OW, x, n, taps, step, masks, clamp, lo, hi)
		default:
			asm.Depthwise5x5S2(mem, src, dst, c, d.H, d.Wid, d.OW, x, n, taps, step, masks, clamp, lo, hi)
		}
	}
}
