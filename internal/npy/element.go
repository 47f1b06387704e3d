package npy

import (
	"encoding/binary"
	"math"
)

// element returns the size in bytes of an element type ("<f4": little-endian float32),
// and how one becomes float32; nil for a type that is not read.
func element(descr string) (int, func([]byte) float32) {
	if len(descr) != 3 {
		return 0, nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch descr[0] {
	case '<', '|', '=':
	case '>':
		order = binary.BigEndian
	default:
		return 0, nil
	}
	switch descr[1:] {
	case "f2":
		return 2, func(b []byte) float32 { return half(order.Uint16(b)) }
	case "f4":
		return 4, func(b []byte) float32 { return math.Float32frombits(order.Uint32(b)) }
	case "f8":
		return 8, func(b []byte) float32 { return float32(math.Float64frombits(order.Uint64(b))) }
	case "b1", "u1":
		return 1, func(b []byte) float32 { return float32(b[0]) }
	case "i1":
		return 1, func(b []byte) float32 { return float32(int8(b[0])) }
	case "u2":
		return 2, func(b []byte) float32 { return float32(order.Uint16(b)) }
	case "i2":
		return 2, func(b []byte) float32 { return float32(int16(order.Uint16(b))) }
	case "u4":
		return 4, func(b []byte) float32 { return float32(order.Uint32(b)) }
	case "i4":
		return 4, func(b []byte) float32 { return float32(int32(order.Uint32(b))) }
	case "u8":
		return 8, func(b []byte) float32 { return float32(order.Uint64(b)) }
	case "i8":
		return 8, func(b []byte) float32 { return float32(int64(order.Uint64(b))) }
	}
	return 0, nil
}

// half converts an IEEE binary16.
func half(h uint16) float32 {
	exponent, fraction := int(h>>10&31), float64(h&1023)
	v := math.Ldexp(1024+fraction, exponent-25)
	switch {
	case exponent == 0: // subnormal
		v = math.Ldexp(fraction, -24)
	case exponent == 31 && fraction == 0:
		v = math.Inf(1)
	case exponent == 31:
		v = math.NaN()
	}
	if h>>15 == 1 {
		v = -v
	}
	return float32(v)
}
