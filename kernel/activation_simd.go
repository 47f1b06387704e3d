//go:build (amd64 || arm64) && !purego

package kernel

import "math"

// activateUnit is a unit of assembly that applies an activation to c planes of vecs
// vectors of 8 pixels. off is in elements.
type activateUnit = func(mem *float32, src, dst *int32, off, c, vecs int, table *float32, act int, lo, hi float32)

// activateCall bounds a call in vectors: a quarter of a millisecond at 60 cycles each.
const activateCall = 1 << 13

// activateBy is [Set.activate] by a unit.
func activateBy(unit activateUnit) func(mem []float32, src, dst []int32, off, n int, act Activation) {
	return func(mem []float32, src, dst []int32, off, n int, act Activation) {
		all := roundUp8(n) / 8
		planes, vecs := max(1, activateCall/all), min(all, activateCall)
		for c := 0; c < len(src); c += planes {
			for v := 0; v < all; v += vecs {
				unit(&mem[0], &src[c], &dst[c], off+8*v, min(planes, len(src)-c), min(vecs, all-v), &activationTable[0][0],
					int(act.Kind), act.Lo, act.Hi)
			}
		}
	}
}

// activationTable has eight copies of each constant of the functions, as the units of
// assembly want them. internal/gen/activate_avx2.go names them in this order.
var activationTable = spreadEach(
	expLowest, expHighest, -expHighest, -expLowest, log2e, rounder, ln2Hi, ln2Lo, e0, e1, e2, e3, e4, e5,
	tanhSmall, t0, t1, t2, t3, t4, erfMost, -erfMost, p0, p1, p2, p3, p4, p5, q1, q2, q3, q4, q5,
	rootHalf, geluInner, geluCube, mishMost, sixth, 0, 0.5, 1, -1, 2, 3, 6, float32(math.Copysign(0, -1)),
)

func spreadEach(v ...float32) [][8]float32 {
	t := make([][8]float32, len(v))
	for i := range t {
		for j := range t[i] {
			t[i][j] = v[i]
		}
	}
	return t
}
