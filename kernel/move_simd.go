//go:build (amd64 || arm64) && !purego

package kernel

import (
	"math"

	"github.com/riffle-ml/riffle/asm"
)

// spans calls f for ranges of planes [c0, c1) and of the n pixels of each, p0
// on in so many vectors, none more than one call may take.
func spans(c, n int, f func(c0, c1, p0, vecs int)) {
	all := roundUp8(n) / 8
	planes := max(1, callVectors/all)
	for c0 := 0; c0 < c; c0 += planes {
		for v := 0; v < all; v += callVectors {
			f(c0, min(c, c0+planes), 8*v, min(callVectors, all-v))
		}
	}
}

func simdAdd(a *Add) {
	lo, hi := a.Act.Bounds()
	spans(a.Ch, a.N, func(c0, c1, p0, vecs int) {
		asm.Add(&a.Mem[p0], &a.A[c0], &a.B[c0], &a.C[c0], c1-c0, vecs, lo, hi)
	})
}

// A scale of 1 and a shift of -0 change nothing, not even a zero's sign.
var one, negativeZero = float32(1), float32(math.Copysign(0, -1))

func simdAffine(a *Affine) {
	if a.Scale == nil && a.Shift == nil && a.Act.Kind == Identity {
		refAffine(a) // a copy: no arithmetic may touch a signalling NaN
		return
	}
	lo, hi := a.Act.Bounds()
	spans(a.C, a.N, func(c0, c1, p0, vecs int) {
		scale, shift, scaleStep, shiftStep := &one, &negativeZero, 0, 0
		if a.Scale != nil {
			scale, scaleStep = &a.Scale[c0], 4
		}
		if a.Shift != nil {
			shift, shiftStep = &a.Shift[c0], 4
		}
		asm.Affine(&a.Mem[p0], &a.Src[c0], &a.Dst[c0], scale, shift, scaleStep, shiftStep, c1-c0, vecs, lo, hi)
	})
}

// tailMask[8-n:] begins with n times -1: the mask of a tail of n.
var tailMask = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// meanPixels is more than any plane whose mean one call may take.
const meanPixels = 8 * callVectors

func simdMean(m *Mean) {
	if m.N > meanPixels {
		refMean(m)
		return
	}
	vecs, inv := m.N/8, 1/float32(m.N)
	tail := &tailMask[8-m.N%8]
	for c := 0; c < m.C; {
		blocks := min((m.C-c)/4, max(1, callVectors/4/(vecs+1)))
		if blocks == 0 {
			asm.Mean1(&m.Mem[0], &m.Src[c], &m.Dst[c], tail, 1, vecs, inv)
			c++
			continue
		}
		asm.Mean4(&m.Mem[0], &m.Src[c], &m.Dst[c], tail, blocks, vecs, inv)
		c += 4 * blocks
	}
}
