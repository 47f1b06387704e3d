package preprocess

import (
	"math"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
)

// Coefficients are fixed point with this many fraction bits: 8 bits of pixel
// and a sign leave 23 of 32, and Pillow keeps one in reserve.
const fractionBits = 22

// taps holds, for a run of output positions along one axis, the input positions
// each reads and their weights.
type taps struct {
	in, out     int // sizes of the whole axis
	first, n    int // output positions held
	per         int // stride of weight
	start, size []int32
	weight      []int32
	identity    bool // in == out: each position reads itself
}

// set fills t for positions first..first+n of an axis scaled from in to out.
// It is Pillow's antialiased triangle filter: support max(1, in/out), weights
// normalised in float64, then rounded. It reuses t's memory, and does nothing if
// t holds this axis already.
func (t *taps) set(in, out, first, n int) {
	if t.in == in && t.out == out && t.first == first && t.n == n {
		return
	}
	t.in, t.out, t.first, t.n = in, out, first, n
	t.identity = in == out
	scale := float64(in) / float64(out)
	support := max(scale, 1) // of the triangle, times the filter's scale of 1
	inverse := 1 / support
	t.per = min(int(math.Ceil(support))*2+1, in)
	t.start, t.size = grow(t.start, n), grow(t.size, n)
	t.weight = grow(t.weight, n*t.per)
	if t.identity {
		t.per = 1
		for i := range n {
			t.start[i], t.size[i], t.weight[i] = int32(first+i), 1, 1<<fractionBits
		}
		return
	}
	for i := range n {
		center := (float64(first+i) + 0.5) * scale
		lo := max(int(center-support+0.5), 0)
		hi := min(int(center+support+0.5), in)
		sum := 0.0
		for j := lo; j < hi; j++ {
			sum += triangle((float64(j) - center + 0.5) * inverse)
		}
		w := t.weight[i*t.per:][:hi-lo]
		for j := range w {
			// The sum is summed in order and divided by, not multiplied by its
			// inverse, and the product rounded before the half is added: Pillow's
			// bits depend on it.
			v := triangle((float64(lo+j) - center + 0.5) * inverse)
			if sum != 0 {
				v /= sum
			}
			w[j] = int32(float64(v*(1<<fractionBits)) + 0.5)
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

func triangle(x float64) float64 {
	x = math.Abs(float64(x)) // the product rounded first: no fused multiply-add
	if x < 1 {
		return 1 - x
	}
	return 0
}

// horizontal writes t.n pixels of 3 channels; src begins at input position x0.
func (t *taps) horizontal(dst, src []byte, x0 int) {
	if t.identity {
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
