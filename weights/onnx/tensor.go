package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// ONNX element types.
const (
	typeFloat   = 1
	typeInt32   = 6
	typeInt64   = 7
	typeBool    = 9
	typeFloat16 = 10
	typeDouble  = 11
)

// maxSize bounds the elements of a tensor, of an activation, and so of every
// product of dimensions in this package: it fits 32 bits.
const maxSize = 1 << 28

// tensor is a constant: exactly one of f and i holds the elements; i is not nil
// where they are integers, even if there are none.
type tensor struct {
	name string
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

// elements is product of dims, and the number of them that the data has.
func (p *protoTensor) elements() (n int, dims []int, err error) {
	dims = make([]int, len(p.dims))
	for i, d := range p.dims {
		if d < 0 || d > maxSize {
			return 0, nil, p.errorf("got dimensions %v, want 0 to %d elements", p.dims, maxSize)
		}
		dims[i] = int(d)
	}
	n, ok := product(dims)
	if !ok {
		return 0, nil, p.errorf("got dimensions %v, want 0 to %d elements", p.dims, maxSize)
	}
	return n, dims, nil
}

func (p *protoTensor) errorf(format string, args ...any) error {
	return fmt.Errorf("tensor %q: "+format, append([]any{p.name}, args...)...)
}

// check fails unless the tensor is of a type that is read, its data lies in the
// file, and there is as much as the dimensions, which it returns, call for.
func (p *protoTensor) check() (dims []int, err error) {
	if p.external {
		return nil, p.errorf("got data in another file, want it in this one (torch.onnx.export: external_data=False)")
	}
	n, dims, err := p.elements()
	if err != nil {
		return nil, err
	}
	size := map[int64]int{typeFloat: 4, typeInt32: 4, typeInt64: 8, typeBool: 1, typeFloat16: 2, typeDouble: 8}[p.dtype]
	if size == 0 {
		return nil, p.errorf("got element type %d, want float32, float16, float64, int32, int64 or bool", p.dtype)
	}
	got := len(p.ints)
	switch {
	case p.hasRaw && (len(p.floats)+len(p.ints)+len(p.doubles) != 0 || len(p.raw)%size != 0):
		return nil, p.errorf("got %d bytes of data and %d numbers, want %d bytes alone", len(p.raw), len(p.floats)+len(p.ints)+len(p.doubles), n*size)
	case p.hasRaw:
		got = len(p.raw) / size
	case p.dtype == typeFloat:
		got = len(p.floats)
	case p.dtype == typeDouble:
		got = len(p.doubles)
	}
	if got != n {
		return nil, p.errorf("got %d elements, want %d (dimensions %v)", got, n, p.dims)
	}
	return dims, nil
}

// decode turns a TensorProto that passes check into a constant.
func (p *protoTensor) decode(dims []int) *tensor {
	n, _ := product(dims)
	t := &tensor{name: p.name, dims: dims}
	if p.dtype == typeInt32 || p.dtype == typeInt64 || p.dtype == typeBool {
		t.i = p.decodeInts(n)
	} else {
		t.f = p.decodeFloats(n)
	}
	return t
}

func (p *protoTensor) decodeInts(n int) []int64 {
	if !p.hasRaw {
		return append(make([]int64, 0, n), p.ints...)
	}
	out := make([]int64, n)
	for k := range out {
		switch p.dtype {
		case typeBool:
			out[k] = int64(p.raw[k])
		case typeInt32:
			out[k] = int64(int32(binary.LittleEndian.Uint32(p.raw[4*k:])))
		default:
			out[k] = int64(binary.LittleEndian.Uint64(p.raw[8*k:]))
		}
	}
	return out
}

func (p *protoTensor) decodeFloats(n int) []float32 {
	if p.dtype == typeFloat && !p.hasRaw {
		return p.floats
	}
	le, out := binary.LittleEndian, make([]float32, n)
	for k := range out {
		switch {
		case p.dtype == typeFloat:
			out[k] = math.Float32frombits(le.Uint32(p.raw[4*k:]))
		case p.dtype == typeFloat16 && p.hasRaw:
			out[k] = half(le.Uint16(p.raw[2*k:]))
		case p.dtype == typeFloat16:
			out[k] = half(uint16(p.ints[k]))
		case p.hasRaw:
			out[k] = float32(math.Float64frombits(le.Uint64(p.raw[8*k:])))
		default:
			out[k] = float32(p.doubles[k])
		}
	}
	return out
}

// half converts IEEE binary16, exactly.
func half(h uint16) float32 {
	exp, frac := int(h>>10&31), float64(h&1023)
	v := math.Ldexp(frac, -24)
	switch {
	case exp == 31 && frac != 0:
		return float32(math.NaN())
	case exp == 31:
		v = math.Inf(1)
	case exp > 0:
		v = math.Ldexp(1024+frac, exp-25)
	}
	if h>>15 == 1 {
		v = -v
	}
	return float32(v)
}
