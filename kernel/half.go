package kernel

import "math"

// Numbers of IEEE binary16. Here such a number is a float64 that binary16 holds: a
// product of two is exact, and so is the sum of a product and a third wherever its
// rounding to binary16 depends on more than the larger of both. So [roundHalf] of an
// expression a*b+c rounds once.

// roundHalf rounds v to the nearest binary16, ties to even. What is 65520 and more
// becomes infinite; NaN stays so.
func roundHalf(v float64) float64 {
	b := math.Float64bits(v)
	if b>>52&0x7ff-(1023-14) < 14+15 { // from 2^-14 to 2^15: not subnormal, and not too large
		return roundFraction(b)
	}
	return roundHalfEdge(v)
}

// roundFraction keeps ten bits of the fraction of the float64 that has the bits b.
func roundFraction(b uint64) float64 {
	const lost = 52 - 10
	return math.Float64frombits((b + 1<<(lost-1) - 1 + b>>lost&1) &^ (1<<lost - 1))
}

// roundHalfEdge is roundHalf for any number.
func roundHalfEdge(v float64) float64 {
	// Next to it the distance of two float64 is that of two subnormal binary16, 2^-24.
	const unit = 1 << (52 - 24)
	switch a := math.Abs(v); {
	case a < 0x1p-14:
		return math.Copysign((a+unit)-unit, v)
	case a < 65520:
		return roundFraction(math.Float64bits(v))
	case a >= 65520:
		return math.Copysign(math.Inf(1), v)
	}
	return v
}

// halfBits is the binary16 v.
func halfBits(v float64) uint16 {
	b := math.Float64bits(v)
	sign := uint16(b >> 48 & 0x8000)
	switch a := math.Abs(v); {
	case a < 0x1p-14:
		return sign | uint16(a*(1<<24))
	case a < 65520:
		return sign | uint16(b>>42-(1023-15)<<10)&0x7fff
	case a >= 65520:
		return sign | 0x7c00
	}
	return sign | 0x7e00
}

// halfValue is the binary16 that has the bits h.
func halfValue(h uint16) float64 {
	sign, exp, fraction := uint64(h>>15)<<63, h>>10&31, float64(h&1023)
	switch exp {
	case 0:
		return math.Copysign(fraction/(1<<24), math.Float64frombits(sign|1<<62))
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Float64frombits(sign | 0x7ff<<52)
	}
	return math.Float64frombits(sign | uint64(h&0x7fff)<<42 + (1023-15)<<52)
}
