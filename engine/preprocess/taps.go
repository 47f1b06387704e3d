package preprocess

import (
	"math"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
)

// Coefficients are fixed point with this many fraction bits: 8 bits of pixel
// and a sign leave 23 of 32, and Pillow keeps one in reserve.
const fractionBits = 22

// axis says how one axis of a picture is resized and cropped.
type axis struct {
	in    int     // pixels of the source
	scale float64 // source pixels for each output pixel
	same  bool    // no resizing: each position reads itself
	first int     // first position of the resized axis that is kept
	n     int     // how many are kept
	pad   int     // where the first lands in the output
}

// taps holds, for a run of output positions along one axis, the input positions
// each reads and their weights.
type taps struct {
	axis
	per         int // stride of weight
	start, size []int32
	weight      []int32
}

// set fills t for an axis: Pillow's antialiased filter, whose support grows with
// the scale, weights normalised in float64, then rounded. It reuses t's memory,
// and does nothing if t holds this axis already.
func (t *taps) set(a axis, f filter) {
	if t.axis == a {
		return
	}
	t.axis = a
	spread := max(a.scale, 1)
	support := float64(f.support * spread)
	inverse := 1 / spread
	t.per = min(int(math.Ceil(support))*2+1, a.in)
	if a.same {
		t.per = 1
	}
	t.start, t.size = grow(t.start, a.n), grow(t.size, a.n)
	t.weight = grow(t.weight, a.n*t.per)
	if a.same {
		for i := range a.n {
			t.start[i], t.size[i], t.weight[i] = int32(a.first+i), 1, 1<<fractionBits
		}
		return
	}
	for i := range a.n {
		center := float64((float64(a.first+i) + 0.5) * a.scale)
		lo := max(int(center-support+0.5), 0)
		hi := min(int(center+support+0.5), a.in)
		sum := 0.0
		for j := lo; j < hi; j++ {
			sum += f.weight(float64((float64(j) - center + 0.5) * inverse))
		}
		w := t.weight[i*t.per:][:hi-lo]
		for j := range w {
			// The sum is summed in order and divided by, not multiplied by its
			// inverse, and the product rounded before the half is added: Pillow's
			// bits depend on it.
			v := f.weight(float64((float64(lo+j) - center + 0.5) * inverse))
			if sum != 0 {
				v /= sum
			}
			v = float64(v * (1 << fractionBits))
			if v < 0 {
				w[j] = int32(v - 0.5)
			} else {
				w[j] = int32(v + 0.5)
			}
		}
		t.start[i], t.size[i] = int32(lo), int32(hi-lo)
	}
}

// span is the range of input positions that t reads.
func (t *taps) span() (lo, hi int) {
	if t.n == 0 {
		return 0, 0
	}
	return int(t.start[0]), int(t.start[t.n-1] + t.size[t.n-1])
}

// horizontal writes t.n pixels of 3 channels; src begins at input position x0.
func (t *taps) horizontal(dst, src []byte, x0 int) {
	if t.same {
		copy(dst[:3*t.n], src[3*(int(t.start[0])-x0):])
		return
	}
	for i := range t.n {
		w := t.weight[i*t.per:][:t.size[i]]
		p := src[3*(int(t.start[i])-x0):][:3*len(w)]
		const half = 1 << (fractionBits - 1)
		r, g, b := int32(half), int32(half), int32(half)
		for _, k := range w {
			if len(p) < 3 {
				break // never: it tells the compiler that p[2] exists
			}
			r += k * int32(p[0])
			g += k * int32(p[1])
			b += k * int32(p[2])
			p = p[3:]
		}
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0] = ycc.Clamp8(r >> fractionBits)
		d[1] = ycc.Clamp8(g >> fractionBits)
		d[2] = ycc.Clamp8(b >> fractionBits)
	}
}

// depth is the most output positions that are open at once: those whose first
// input has been read and whose last has not.
func (t *taps) depth() int {
	most, done := 0, 0
	for i := range t.n {
		for t.start[done]+t.size[done] <= t.start[i] {
			done++
		}
		most = max(most, i+1-done)
	}
	return most
}

// accumulate adds k times row to acc, which has the same length.
func accumulate(acc []int32, row []byte, k int32) {
	row = row[:len(acc)]
	for j, v := range row {
		acc[j] += k * int32(v)
	}
}

// grow returns a slice of length n, s's memory if that is enough.
func grow[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n)
}
