package proto

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Element types, as TensorProto numbers them: those that are read.
const (
	Float    = 1
	Uint8    = 2
	Int8     = 3
	Uint16   = 4
	Int16    = 5
	Int32    = 6
	Int64    = 7
	Bool     = 9
	Float16  = 10
	Double   = 11
	Uint32   = 12
	Uint64   = 13
	BFloat16 = 16
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
	BFloat16: {
		name: "bfloat16", size: 2, count: countInts,
		floats: func(dst []float32, raw []byte) {
			for k := range dst {
				dst[k] = math.Float32frombits(uint32(le.Uint16(raw[2*k:])) << 16)
			}
		},
		floatNumbers: func(dst []float32, t *Tensor) {
			for k := range dst {
				dst[k] = math.Float32frombits(uint32(t.ints[k]) << 16)
			}
		},
	},
	Bool:   integers("bool", 1, func(b []byte) int64 { return int64(b[0]) }),
	Uint8:  integers("uint8", 1, func(b []byte) int64 { return int64(b[0]) }),
	Int8:   integers("int8", 1, func(b []byte) int64 { return int64(int8(b[0])) }),
	Uint16: integers("uint16", 2, func(b []byte) int64 { return int64(le.Uint16(b)) }),
	Int16:  integers("int16", 2, func(b []byte) int64 { return int64(int16(le.Uint16(b))) }),
	Uint32: integers("uint32", 4, func(b []byte) int64 { return int64(le.Uint32(b)) }),
	Int32:  integers("int32", 4, func(b []byte) int64 { return int64(int32(le.Uint32(b))) }),
	Uint64: integers("uint64", 8, func(b []byte) int64 { return int64(le.Uint64(b)) }),
	Int64:  integers("int64", 8, func(b []byte) int64 { return int64(le.Uint64(b)) }),
}

// integers is a type whose elements become integers, one at a time.
func integers(name string, size int, one func(b []byte) int64) elementType {
	return elementType{name: name, size: size, count: countInts, ints: func(dst []int64, raw []byte) {
		for k := range dst {
			dst[k] = one(raw[size*k:])
		}
	}}
}

// otherTypes are those that are not read.
var otherTypes = map[int64]string{
	8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn", 18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1",
}

// TypeName is the type's name, with its number where it is none that is read.
func TypeName(elementType int64) string {
	if e, ok := elementTypes[elementType]; ok {
		return e.name
	}
	if name := otherTypes[elementType]; name != "" {
		return fmt.Sprintf("%s (%d)", name, elementType)
	}
	return fmt.Sprintf("type %d", elementType)
}

// TypeNamed is the type that TensorProto calls so ("FLOAT", "INT64"), or 0.
func TypeNamed(name string) int64 {
	return map[string]int64{
		"FLOAT": Float, "UINT8": Uint8, "INT8": Int8, "UINT16": Uint16, "INT16": Int16, "INT32": Int32, "INT64": Int64, "BOOL": Bool,
		"FLOAT16": Float16, "DOUBLE": Double, "UINT32": Uint32, "UINT64": Uint64, "BFLOAT16": BFloat16,
	}[name]
}

// IsInteger says whether elements of the type are integers that are read, bool not among them.
func IsInteger(elementType int64) bool {
	return elementTypes[elementType].ints != nil && elementType != Bool
}

// IsFloat says whether elements of the type are floating-point numbers that are read.
func IsFloat(elementType int64) bool { return elementTypes[elementType].floats != nil }

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

// RoundHalf is v rounded to the nearest IEEE binary16, ties to even.
func RoundHalf(v float32) float32 {
	a := math.Abs(float64(v))
	switch {
	case !(a < 65520): // NaN too
		if a >= 65520 {
			return float32(math.Copysign(math.Inf(1), float64(v)))
		}
		return v
	case a < 1.0/(1<<14): // a multiple of 2^-24
		return float32(math.Copysign(math.RoundToEven(a*(1<<24))/(1<<24), float64(v)))
	}
	frac, exp := math.Frexp(a) // 11 bits of 0.5 <= frac < 1
	return float32(math.Copysign(math.Ldexp(math.RoundToEven(frac*(1<<11)), exp-11), float64(v)))
}
