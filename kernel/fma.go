package kernel

import "math"

// fma is a*b+c, rounded once, on every architecture.
//
// The product of two float32 is exact in float64, but their sum with c is not, and to
// round it to float64 and then to float32 is to round twice. That matters where the first
// rounding leaves the very middle of two float32: of normal ones its last 29 bits are a
// one and zeros. A result that is not normal must be exact.
func fma(a, b, c float32) float32 {
	x, y := float64(float64(a)*float64(b)), float64(c)
	if math.Float64bits(x+y)<<35 == 1<<63 {
		return fmaOdd(x, y)
	}
	return float32(x + y)
}

// fmaOdd is x+y for any numbers. The first rounding is to odd: of the two numbers next to
// an inexact sum it takes the one whose last bit is 1. Then the second one gives what one
// rounding gives (Boldo and Melquiond, Emulation of FMA and Correctly Rounded Sums:
// Proved Algorithms Using Rounding to Odd, 2008).
func fmaOdd(x, y float64) float32 {
	sum := x + y
	part := sum - x
	rest := (x - (sum - part)) + (y - part) // what the sum lacks; NaN if it is not finite
	if bits := math.Float64bits(sum); bits&1 == 0 && (rest > 0 || rest < 0) {
		if (rest > 0) == (sum > 0) {
			bits++
		} else {
			bits--
		}
		sum = math.Float64frombits(bits)
	}
	return float32(sum)
}
