// Package element has, in float64, the functions that operators apply to each element by
// itself; weights/FORMAT.md has the formulas. Quantized networks have tables of them, and the
// importer of ONNX recognizes them.
//
// Products are converted to float64 before they are added to, so that no processor fuses the
// two: a table is the same wherever it is made.
package element

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// Of is what n does to each element, or nil if that is no such function. number returns the
// one element of n's tensor of a role, or def if n has none.
func Of(n *weights.Node, number func(role string, def float64) float64) func(x float64) float64 {
	switch n.Op {
	case weights.OpReLU:
		return clip(0, math.Inf(1))
	case weights.OpReLU6:
		return clip(0, 6)
	case weights.OpClip:
		return clip(number("min", math.Inf(-1)), number("max", math.Inf(1)))
	case weights.OpSigmoid:
		return Sigmoid
	case weights.OpHardSigmoid:
		a, b := number("alpha", 0), number("beta", 0)
		return func(x float64) float64 { return min(max(float64(a*x)+b, 0), 1) }
	case weights.OpSiLU:
		return func(x float64) float64 { return x * Sigmoid(x) }
	case weights.OpHardSwish:
		return func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }
	case weights.OpMish:
		return func(x float64) float64 { return x * math.Tanh(Softplus(x)) }
	case weights.OpTanh:
		return math.Tanh
	case weights.OpGELU:
		if n.Attr("tanh", 0)[0] == 1 {
			return func(x float64) float64 {
				return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+float64(0.044715*x*x*x))))
			}
		}
		return func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }
	case weights.OpLeakyReLU:
		slope := number("slope", 0)
		return func(x float64) float64 {
			if x < 0 {
				return slope * x
			}
			return x
		}
	case weights.OpELU:
		alpha := number("alpha", 0)
		return func(x float64) float64 {
			if x < 0 {
				return alpha * math.Expm1(x)
			}
			return x
		}
	case weights.OpErf:
		return math.Erf
	case weights.OpSoftplus:
		return Softplus
	case weights.OpExp:
		return math.Exp
	case weights.OpSqrt:
		return math.Sqrt
	case weights.OpAbs:
		return math.Abs
	case weights.OpReciprocal:
		return func(x float64) float64 { return 1 / x }
	}
	return nil
}

// Is says whether an operator is a function of single elements, the same for all.
func Is(op string) bool {
	return Of(&weights.Node{Op: op}, func(string, float64) float64 { return 0 }) != nil
}

// Table is f on elements of 8 bits: entry q is f of what q means by from, in the steps of to,
// rounded to the nearest, ties to even. What is no number is 0.
func Table(f func(x float64) float64, from, to weights.Quant) []byte {
	table := make([]byte, 256)
	for q := range table {
		table[q] = Code(f(Real(byte(q), from)), to)
	}
	return table
}

// Real is the number that an element of 8 bits means.
func Real(code byte, q weights.Quant) float64 { return float64(q.Scale) * float64(int(code)-q.Zero) }

// Code is the element that is nearest to a number; of NaN it is 0.
func Code(x float64, q weights.Quant) byte {
	k := math.RoundToEven(x/float64(q.Scale)) + float64(q.Zero)
	if math.IsNaN(k) {
		return 0
	}
	return byte(min(max(k, 0), math.MaxUint8))
}

// Sigmoid is 1/(1+exp(-x)).
func Sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Softplus is log(1+exp(x)).
func Softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func clip(lo, hi float64) func(x float64) float64 {
	return func(x float64) float64 { return min(max(x, lo), hi) }
}
