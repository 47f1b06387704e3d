package proto

import (
	"fmt"
)

// MaxElements bounds the elements of a tensor.
const MaxElements = 1 << 28

// UnsupportedError says that a tensor is not broken, and not read either.
type UnsupportedError struct{ error }

func (t *Tensor) errorf(format string, args ...any) error {
	return fmt.Errorf("tensor %q: "+format, append([]any{t.Name}, args...)...)
}

// size checks type and dimensions, and returns these and their product.
func (t *Tensor) size() (dims []int, n int, err error) {
	dims, n = make([]int, len(t.Dims)), 1
	for i, d := range t.Dims {
		if d < 0 || d > MaxElements || d > 0 && n > MaxElements/int(d) {
			return nil, 0, t.errorf("got dimensions %v, want 0 to %d elements", t.Dims, MaxElements)
		}
		dims[i] = int(d)
		n *= int(d)
	}
	if _, ok := elementTypes[t.Type]; !ok {
		return nil, 0, &UnsupportedError{t.errorf("got elements of %s, want floats of 16 to 64 bits, integers of 8 to 64, or bool", TypeName(t.Type))}
	}
	return dims, n, nil
}

// Check fails unless the tensor is of a type that is read, its data lies in the
// file, and there is as much as the dimensions call for. It returns the dimensions,
// whose product is n, at most MaxElements.
func (t *Tensor) Check() (dims []int, n int, err error) {
	if t.external {
		return nil, 0, &UnsupportedError{t.errorf("got data in another file (%q), want it in this one, or beside it and read by ReadFile", t.location)}
	}
	dims, n, err = t.size()
	if err != nil {
		return nil, 0, err
	}
	e := elementTypes[t.Type]
	numbers := len(t.floats) + len(t.ints) + len(t.doubles)
	got := 0
	switch {
	case t.hasRaw && (numbers != 0 || len(t.raw)%e.size != 0):
		return nil, 0, t.errorf("got %d bytes of data and %d numbers, want %d bytes alone", len(t.raw), numbers, n*e.size)
	case t.hasRaw:
		got = len(t.raw) / e.size
	default:
		got = e.count(t)
	}
	if got != n {
		return nil, 0, t.errorf("got %d elements, want %d (dimensions %v)", got, n, t.Dims)
	}
	return dims, n, nil
}

// Decode returns the n elements of a tensor that passed [Tensor.Check]: as floats,
// or, where its type is one of integers or bool, as integers. The other list is nil;
// that of integers is not, even where it is empty. The result is the caller's own.
func (t *Tensor) Decode(n int) (floats []float32, ints []int64) {
	e := elementTypes[t.Type]
	switch {
	case e.ints != nil && !t.hasRaw:
		return nil, append(make([]int64, 0, n), t.ints...)
	case e.ints != nil:
		ints = make([]int64, n)
		e.ints(ints, t.raw)
		return nil, ints
	}
	floats = make([]float32, n)
	if t.hasRaw {
		e.floats(floats, t.raw)
	} else {
		e.floatNumbers(floats, t)
	}
	return floats, nil
}
