package preprocess

import "math"

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

// at is the weight that output position o gives to input position i, 0 if it does
// not read it.
func (t *taps) at(o, i int) int32 {
	if k := i - int(t.start[o]); k >= 0 && k < int(t.size[o]) {
		return t.weight[o*t.per+k]
	}
	return 0
}

// depth is the most output positions that are open at once where inputs are read
// two at a time: those whose first pair has been read and whose last has not.
func (t *taps) depth() int {
	most, done := 0, 0
	for i := range t.n {
		for t.start[done]+t.size[done] < t.start[i] {
			done++
		}
		most = max(most, i+1-done)
	}
	return most
}

// grow returns a slice of length n, s's memory if that is enough.
func grow[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n)
}
