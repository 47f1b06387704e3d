package step

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Zeros returns the zero point of each of x's planes. A plane that is not quantized is
// an error of the builder's, which whoever uses x next reports.
func Zeros(b *plan.Builder, x plan.Tensor) []uint8 {
	z := make([]uint8, len(x))
	for i, r := range x {
		if q := b.Quant(r); q != nil {
			z[i] = uint8(q.Zero)
		}
	}
	return z
}

// Scales returns the scale of each of x's planes, divided by that of a result.
func Scales(b *plan.Builder, x plan.Tensor, result float32) []float32 {
	s := make([]float32, len(x))
	for i, r := range x {
		if q := b.Quant(r); q != nil {
			s[i] = q.Scale / result
		}
	}
	return s
}

// CheckMultipliers returns an error if a multiplier, one for each channel, makes more of
// what is at most so many times 255 than a kernel takes.
func CheckMultipliers(mult []float32, times float64) error {
	for c, m := range mult {
		if x := 255 * times * float64(m); !(x <= kernel.MaxScaled && x >= -kernel.MaxScaled) {
			return fmt.Errorf("channel %d: got up to %.3g steps of the result, want at most %d", c, x, kernel.MaxScaled)
		}
	}
	return nil
}

// Result is what the elements of a quantized operator's result mean, and which of them
// there are.
type Result struct {
	plan.Quant
	Lo, Hi uint8
}

// Requant is r as kernels want it.
func (r Result) Requant() kernel.Requant {
	return kernel.Requant{Zero: uint8(r.Zero), Lo: r.Lo, Hi: r.Hi}
}

// Planes adds a buffer for the result.
func (r Result) Planes(b *plan.Builder, planes, pixels int) plan.Tensor {
	y := b.NewPlanes(weights.Uint8, planes, pixels)
	b.SetQuant(y, r.Quant)
	return y
}

// Sums is a quantized layer's rows of weights, made ready: what an output channel's sum
// starts with, and what it is multiplied by.
type Sums struct {
	Bias []int32
	Mult []float32
}

// NewSums computes the sums of rows of int8 weights over x, the planes that each weight of
// a row multiplies: x of row r is in(r). scale is what 1 of a row's sum stands for. A
// sum that could leave int32 is an error, and so is a multiplier out of range.
func NewSums(b *plan.Builder, w []int8, scale, bias []float32, in func(row int) []uint8, result *Result) (*Sums, error) {
	rows := len(scale)
	n := len(w) / rows
	s := &Sums{make([]int32, rows), make([]float32, rows)}
	for r := range rows {
		if v := scale[r]; !(v >= weights.MinScale && v <= weights.MaxScale) {
			return nil, fmt.Errorf("scale of output channel %d: got %v, want %g to %g", r, v, weights.MinScale, weights.MaxScale)
		}
		row := w[r*n : (r+1)*n]
		start := math.RoundToEven(float64(bias[r]) / float64(scale[r]))
		for k, z := range in(r) {
			start -= float64(int(row[k]) * int(z)) // exact: fewer than 2^38 of at most 2^15
		}
		bound := float64(kernel.MaxSum) + 1
		if math.Abs(start) <= kernel.MaxSum {
			s.Bias[r] = int32(start)
			bound = float64(kernel.SumBound(s.Bias[r], row))
		}
		if bound > kernel.MaxSum {
			return nil, fmt.Errorf("sum of output channel %d: got up to %.0f, want at most %d, which 32 bits hold", r, max(bound, math.Abs(start)), kernel.MaxSum)
		}
		s.Mult[r] = scale[r]
		if result != nil {
			s.Mult[r] = scale[r] / result.Scale
		}
		if x := bound * float64(s.Mult[r]); x > kernel.MaxScaled {
			return nil, fmt.Errorf("scale of output channel %d: got results of up to %.3g steps, want at most %d", r, x, kernel.MaxScaled)
		}
	}
	return s, nil
}

// Signed returns bytes as the numbers of int8 that they are.
func Signed(b []byte) []int8 {
	s := make([]int8, len(b))
	for i, v := range b {
		s[i] = int8(v)
	}
	return s
}
