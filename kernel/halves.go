package kernel

import "math"

// PackHalves writes w in IEEE binary16, for [Linear].Half, and tells whether that holds
// every value of it exactly. Where it does not, dst is of no use. Both are as long.
func PackHalves(dst []uint16, w []float32) (exact bool) {
	const (
		bias     = 112 << 10  // between the exponents, in the place of binary16's
		smallest = 0x38800000 // 2^-14, the least that is not subnormal
		tooLarge = 0x47800000 // 2^16
		lost     = 1<<13 - 1  // bits of the fraction that binary16 has not
	)
	dst = dst[:len(w)]
	for i, v := range w {
		b := math.Float32bits(v)
		sign, size := uint16(b>>16&0x8000), b&0x7fffffff
		if size-smallest < tooLarge-smallest && size&lost == 0 {
			dst[i] = sign | uint16(size>>13-bias)
			continue
		}
		n := math.Float32frombits(size) * (1 << 24) // zero, or a subnormal
		if !(n < 1024) || n != float32(uint16(n)) {
			return false
		}
		dst[i] = sign | uint16(n)
	}
	return true
}
