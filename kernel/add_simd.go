//go:build (amd64 || arm64) && !purego

package kernel

import "math"

// addUnits is what the drivers of Add and Affine need of a set. The units go over
// vecs vectors of 8 pixels of c planes.
type addUnits struct {
	set    string
	add    func(mem *float32, a, b, sum *int32, c, vecs, act int, lo, hi float32)
	affine func(mem *float32, src, dst *int32, scale, shift *float32, scaleStep, shiftStep, c, vecs, act int, lo, hi float32)
}

func (u *addUnits) runAdd(a *Add) {
	act, lo, hi := a.Act.arguments()
	var s span
	for ok := true; ; {
		if s, ok = s.next(a.Ch, a.N); !ok {
			return
		}
		u.add(&a.Mem[s.p0], &a.A[s.c0], &a.B[s.c0], &a.C[s.c0], s.c1-s.c0, s.vecs, act, lo, hi)
	}
}

// isCopy: no arithmetic may touch a signalling NaN.
func (a *Affine) isCopy() bool { return a.Scale == nil && a.Shift == nil && a.Act.Kind == Identity }

// affineUnit is the driver's choice by name.
func (u *addUnits) affineUnit(a *Affine) string {
	if a.isCopy() {
		return "affine_copy"
	}
	return "affine_" + u.set
}

// A scale of 1 and a shift of -0 change nothing, not even a zero's sign.
var one, negativeZero = float32(1), float32(math.Copysign(0, -1))

func (u *addUnits) runAffine(a *Affine) {
	if a.isCopy() {
		refAffine(a)
		return
	}
	act, lo, hi := a.Act.arguments()
	var s span
	for ok := true; ; {
		if s, ok = s.next(a.C, a.N); !ok {
			return
		}
		scale, shift, scaleStep, shiftStep := &one, &negativeZero, 0, 0
		if a.Scale != nil {
			scale, scaleStep = &a.Scale[s.c0], 4
		}
		if a.Shift != nil {
			shift, shiftStep = &a.Shift[s.c0], 4
		}
		u.affine(&a.Mem[s.p0], &a.Src[s.c0], &a.Dst[s.c0], scale, shift, scaleStep, shiftStep, s.c1-s.c0, s.vecs, act, lo, hi)
	}
}
