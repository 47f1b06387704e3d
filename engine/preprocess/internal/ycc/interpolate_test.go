package ycc

import (
	"math/rand/v2"
	"testing"
)

// TestInterpolate holds the three interpolations to libjpeg's formula, written
// out per pixel: weights 3 and 1 along each axis, and a rounding term that
// alternates so that no direction is favoured.
func TestInterpolate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{3, 4, 9, 17, 40} {
		near, far := make([]byte, n), make([]byte, n)
		for i := range n {
			near[i], far[i] = byte(rng.Uint32()), byte(rng.Uint32())
		}
		at := func(p []byte, i int) int { return int(p[min(max(i, 0), n-1)]) }
		for odd := range 2 {
			out := make([]byte, n)
			V(out, near, far, odd)
			for i, got := range out {
				if want := (3*int(near[i]) + int(far[i]) + 1 + odd) / 4; int(got) != want {
					t.Fatalf("rows %d, sample %d, odd %d: got %d, want %d", n, i, odd, got, want)
				}
			}
		}
		for first := range 2 * n {
			out := make([]byte, 2*n-first)
			check := func(what string, want func(c, beside, odd int) int) {
				t.Helper()
				for i, got := range out {
					x := first + i
					c, odd := x/2, x&1
					if w := want(c, c-1+2*odd, odd); int(got) != w {
						t.Fatalf("%s %d, from %d, pixel %d: got %d, want %d", what, n, first, x, got, w)
					}
				}
			}
			H(out, near, first)
			check("columns", func(c, beside, odd int) int {
				return (3*at(near, c) + at(near, beside) + 1 + odd) / 4
			})
			HV(out, near, far, first)
			check("both", func(c, beside, odd int) int {
				return (9*at(near, c) + 3*at(near, beside) + 3*at(far, c) + at(far, beside) + 8 - odd) / 16
			})
		}
	}
}
