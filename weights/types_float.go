package weights

import (
	"encoding/binary"
	"math"
)

// How the floating-point types are read and written, in bulk.

func encodeFloats(b []byte, src []float32) int {
	for k, v := range src {
		binary.LittleEndian.PutUint32(b[4*k:], math.Float32bits(v))
	}
	return -1
}

func encodeHalves(b []byte, src []float32) int {
	for k, v := range src {
		h := toHalf(v)
		if h&0x7fff == 0x7c00 {
			return k
		}
		binary.LittleEndian.PutUint16(b[2*k:], h)
	}
	return -1
}

// decodeFloats converts len(b)/4 values; false if one is not finite: its
// exponent is all ones, and adding one to it carries into the place of the sign.
func decodeFloats(dst []float32, b []byte) bool {
	const (
		exps = 0x7f80_0000_7f80_0000
		ones = 0x0080_0000_0080_0000
		over = 0x8000_0000_8000_0000
	)
	carry := uint64(0)
	for len(dst) >= 4 && len(b) >= 16 {
		v0, v1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		dst[0], dst[1] = math.Float32frombits(uint32(v0)), math.Float32frombits(uint32(v0>>32))
		dst[2], dst[3] = math.Float32frombits(uint32(v1)), math.Float32frombits(uint32(v1>>32))
		carry |= (v0&exps + ones) | (v1&exps + ones)
		dst, b = dst[4:], b[16:]
	}
	for i := range dst {
		x := binary.LittleEndian.Uint32(b[4*i:])
		dst[i] = math.Float32frombits(x)
		carry |= uint64(x)&exps + ones
	}
	return carry&over == 0
}

// decodeHalves is decodeFloats for binary16. A half's bits, moved to the place
// of a float32's exponent and fraction, are the same number times 2^-112,
// subnormals too.
func decodeHalves(dst []float32, b []byte) bool {
	const (
		exps  = 0x7c00_7c00_7c00_7c00
		ones  = 0x0400_0400_0400_0400
		over  = 0x8000_8000_8000_8000
		signs = 0x8000_0000_8000_0000
		rest  = 0x7fff_0000_7fff_0000
		scale = 1 << 112
	)
	carry := uint64(0)
	for len(dst) >= 4 && len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b)
		carry |= v&exps + ones
		odd, even := v, v<<16 // the halves 1 and 3, 0 and 2, in the upper parts of 32 bits
		odd = odd&signs | odd&rest>>3
		even = even&signs | even&rest>>3
		dst[0] = math.Float32frombits(uint32(even)) * scale
		dst[1] = math.Float32frombits(uint32(odd)) * scale
		dst[2] = math.Float32frombits(uint32(even>>32)) * scale
		dst[3] = math.Float32frombits(uint32(odd>>32)) * scale
		dst, b = dst[4:], b[8:]
	}
	for i := range dst {
		h := binary.LittleEndian.Uint16(b[2*i:])
		dst[i] = fromHalf(h)
		carry |= uint64(h)&exps + ones
	}
	return carry&over == 0
}
