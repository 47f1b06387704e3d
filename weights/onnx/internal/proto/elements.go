package proto

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Element types, as TensorProto numbers them: those that are read.
const (
	Float   = 1
	Int32   = 6
	Int64   = 7
	Bool    = 9
	Float16 = 10
	Double  = 11
)

// elementType is all that is known of a type. Its elements become floats or
// integers: the functions of the other kind are nil.
type elementType struct {
	name string
	size int // bytes of an element in raw data

	count func(t *Tensor) int // elements that lie in a field of numbers instead

	floats       func(dst []float32, raw []byte)
	floatNumbers func(dst []float32, t *Tensor)

	ints func(dst []int64, raw []byte) // those in a field of numbers are Tensor.ints
}

var le = binary.LittleEndian

func countInts(t *Tensor) int { return len(t.ints) }

var elementTypes = map[int64]elementType{
	Float: {
		name: "float32", size: 4, count: func(t *Tensor) int { return len(t.floats) },
		floats: func(dst []float32, raw []byte) {
			for k := range dst {
				dst[k] = math.Float32frombits(le.Uint32(raw[4*k:]))
			}
		},
		floatNumbers: func(dst []float32, t *Tensor) { copy(dst, t.floats) },
	},
	Float16: {
		name: "float16", size: 2, count: countInts,
		floats: func(dst []float32, raw []byte) {
			for k := range dst {
				dst[k] = half(le.Uint16(raw[2*k:]))
			}
		},
		floatNumbers: func(dst []float32, t *Tensor) {
			for k := range dst {
				dst[k] = half(uint16(t.ints[k]))
			}
		},
	},
	Double: {
		name: "float64", size: 8, count: func(t *Tensor) int { return len(t.doubles) },
		floats: func(dst []float32, raw []byte) {
			for k := range dst {
				dst[k] = float32(math.Float64frombits(le.Uint64(raw[8*k:])))
			}
		},
		floatNumbers: func(dst []float32, t *Tensor) {
			for k := range dst {
				dst[k] = float32(t.doubles[k])
			}
		},
	},
	Int32: {name: "int32", size: 4, count: countInts, ints: func(dst []int64, raw []byte) {
		for k := range dst {
			dst[k] = int64(int32(le.Uint32(raw[4*k:])))
		}
	}},
	Int64: {name: "int64", size: 8, count: countInts, ints: func(dst []int64, raw []byte) {
		for k := range dst {
			dst[k] = int64(le.Uint64(raw[8*k:]))
		}
	}},
	Bool: {name: "bool", size: 1, count: countInts, ints: func(dst []int64, raw []byte) {
		for k := range dst {
			dst[k] = int64(raw[k])
		}
	}},
}

// readTypes names what elementTypes has, for errors.
const readTypes = "float32, float16, float64, int32, int64 or bool"

// IsFloat says whether elements of the type are floating-point numbers that are read.
func IsFloat(elementType int64) bool { return elementTypes[elementType].floats != nil }

// MaxElements bounds the elements of a tensor.
const MaxElements = 1 << 28

func (t *Tensor) errorf(format string, args ...any) error {
	return fmt.Errorf("tensor %q: "+format, append([]any{t.Name}, args...)...)
}

// Check fails unless the tensor is of a type that is read, its data lies in the
// file, and there is as much as the dimensions call for. It returns the dimensions,
// whose product is n, at most MaxElements.
func (t *Tensor) Check() (dims []int, n int, err error) {
	if t.external {
		return nil, 0, t.errorf("got data in another file, want it in this one (torch.onnx.export: external_data=False)")
	}
	dims, n = make([]int, len(t.Dims)), 1
	for i, d := range t.Dims {
		if d < 0 || d > MaxElements || d > 0 && n > MaxElements/int(d) {
			return nil, 0, t.errorf("got dimensions %v, want 0 to %d elements", t.Dims, MaxElements)
		}
		dims[i] = int(d)
		n *= int(d)
	}
	e, ok := elementTypes[t.Type]
	if !ok {
		return nil, 0, t.errorf("got element type %d, want %s", t.Type, readTypes)
	}
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
