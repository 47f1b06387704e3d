package onnx

import "math"

// maxSize bounds the elements of a tensor, of an activation, and so of every
// product of dimensions in this package: it fits 32 bits.
const maxSize = 1 << 28

// tensor is a constant: exactly one of f and i holds the elements; i is not nil
// where they are integers, even if there are none.
type tensor struct {
	name string
	typ  int64 // the file's element type; 0 for what was computed: float32, or int64
	dims []int
	f    []float32
	i    []int64
}

func (t *tensor) isInt() bool { return t.i != nil }

func (t *tensor) len() int {
	if t.isInt() {
		return len(t.i)
	}
	return len(t.f)
}

// set copies element at of from to element k.
func (t *tensor) set(k int, from *tensor, at int) {
	if t.isInt() {
		t.i[k] = from.i[at]
	} else {
		t.f[k] = from.f[at]
	}
}

// product is the number of elements of a shape, and false if a dimension is
// negative or the number more than maxSize.
func product(dims []int) (n int, ok bool) {
	n = 1
	for _, d := range dims {
		if d < 0 || d > 0 && n > maxSize/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// product1 is product where that is known to be small enough.
func product1(dims []int) int { n, _ := product(dims); return n }

// integers is a list as a constant.
func integers(v []int) *tensor {
	t := &tensor{dims: []int{len(v)}, i: make([]int64, len(v))}
	for i, x := range v {
		t.i[i] = int64(x)
	}
	return t
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
