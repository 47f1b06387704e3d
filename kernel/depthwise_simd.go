//go:build (amd64 || arm64) && !purego

package kernel

import "fmt"

// depthwiseUnit is a unit of assembly that convolves c planes, strips strips from
// byte x of an output row on. The taps and the bias of a plane lie wstep bytes
// after those of the plane before it.
type depthwiseUnit = func(mem *float32, src, dst *int32, c, h, wid, ow, x, strips int, w *float32, wstep int, masks *float32, act int, lo, hi float32)

// depthwiseUnits is what the driver of depthwise convolutions needs of a set.
type depthwiseUnits struct {
	set                    string
	walk                   *walk
	k3s1, k3s2, k5s1, k5s2 depthwiseUnit // by kernel and stride
	k7s1                   depthwiseUnit // nil: there is none
	any                    *tapUnits     // for every other window
}

// choose returns the unit for d's window, or nil where there is none.
func (u *depthwiseUnits) choose(d *Depthwise) depthwiseUnit {
	switch {
	case d.Masks == nil:
		return nil
	case u.walk.seven && d.centred7():
		return u.k7s1
	case !d.centred():
		return nil
	case d.KW == 3 && d.SH == 2:
		return u.k3s2
	case d.KW == 3:
		return u.k3s1
	case d.SH == 1:
		return u.k5s1
	}
	return u.k5s2
}

// unit is the driver's choice by name.
func (u *depthwiseUnits) unit(d *Depthwise) string {
	switch {
	case d.Masks == nil:
		return ""
	case u.choose(d) == nil:
		return "depthwise_" + u.set
	}
	return fmt.Sprintf("depthwise%dx%ds%d_%s", d.KH, d.KW, d.SH, u.set)
}

func (u *depthwiseUnits) run(d *Depthwise) {
	switch f := u.choose(d); {
	case d.Masks == nil || d.C == 0:
		refDepthwise(d)
	case f == nil:
		u.any.run(d)
	default:
		u.calls(f, d, d.W, d.KH*d.KW+1)
	}
}

// calls makes the calls of f for d. The weights are those of d's channels, step
// elements apart.
func (u *depthwiseUnits) calls(f depthwiseUnit, d *Depthwise, weights []float32, step int) {
	act, lo, hi := d.Act.arguments()
	all, left := u.walk.strips(d.OW), u.walk.leftward && d.KW == 3 && d.SH == 2
	if left {
		all = u.walk.leftStrips(d.OW)
	}
	perStrip := len(d.Masks) / all
	cost := (d.KH*d.KW + 19) / 20 // of a row of a strip: AVX-512 takes a cycle for each tap
	var s share
	for ok := true; ; {
		if s, ok = s.next(d.C, d.OH*cost, all); !ok {
			return
		}
		x := u.walk.at(s.s0, d.OW)
		if left {
			x = u.walk.leftAt(s.s0, d.OW)
		}
		f(&d.Mem[0], &d.Src[s.c0], &d.Dst[s.c0], s.c1-s.c0, d.H, d.Wid, d.OW, 4*x, s.s1-s.s0,
			&weights[s.c0*step], 4*step, &d.Masks[s.s0*perStrip], act, lo, hi)
	}
}
