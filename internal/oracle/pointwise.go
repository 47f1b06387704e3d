package oracle

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// function is what an operator does to each element v of channel c; nil if it is no
// such operator.
func function(n *weights.Node, data func(string) []float32) func(c int, v float64) float64 {
	number := func(role string, def float64) float64 {
		if d := data(role); d != nil {
			return float64(d[0])
		}
		return def
	}
	plain := func(f func(v float64) float64) func(int, float64) float64 {
		return func(_ int, v float64) float64 { return f(v) }
	}
	clip := func(lo, hi float64) func(int, float64) float64 {
		return plain(func(v float64) float64 { return min(max(v, lo), hi) })
	}
	logistic := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	switch n.Op {
	case weights.OpReLU:
		return clip(0, math.Inf(1))
	case weights.OpReLU6:
		return clip(0, 6)
	case weights.OpClip:
		return clip(number("min", math.Inf(-1)), number("max", math.Inf(1)))
	case weights.OpSigmoid:
		return plain(logistic)
	case weights.OpSiLU:
		return plain(func(v float64) float64 { return v * logistic(v) })
	case weights.OpHardSigmoid:
		alpha, beta := number("alpha", 0), number("beta", 0)
		return plain(func(v float64) float64 { return min(max(alpha*v+beta, 0), 1) })
	case weights.OpHardSwish:
		return plain(func(v float64) float64 { return v * min(max(v+3, 0), 6) / 6 })
	case weights.OpMish:
		return plain(func(v float64) float64 { return v * math.Tanh(math.Log1p(math.Exp(v))) })
	case weights.OpTanh:
		return plain(math.Tanh)
	case weights.OpErf:
		return plain(math.Erf)
	case weights.OpSoftplus:
		return plain(func(v float64) float64 { return math.Log1p(math.Exp(-math.Abs(v))) + max(v, 0) })
	case weights.OpExp:
		return plain(math.Exp)
	case weights.OpSqrt:
		return plain(math.Sqrt)
	case weights.OpAbs:
		return plain(math.Abs)
	case weights.OpReciprocal:
		return plain(func(v float64) float64 { return 1 / v })
	case weights.OpGELU:
		if n.Attr("tanh", 0)[0] == 1 {
			return plain(func(v float64) float64 {
				return v / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
			})
		}
		return plain(func(v float64) float64 { return v / 2 * math.Erfc(-v/math.Sqrt2) })
	case weights.OpELU:
		alpha := number("alpha", 0)
		return plain(func(v float64) float64 { return max(v, 0) + alpha*math.Expm1(min(v, 0)) })
	case weights.OpLeakyReLU:
		slope := number("slope", 0)
		return plain(func(v float64) float64 { return max(v, 0) + slope*min(v, 0) })
	case weights.OpPReLU:
		slopes := data("slope")
		return func(c int, v float64) float64 { return max(v, 0) + float64(slopes[c])*min(v, 0) }
	}
	return nil
}

var arithmetic = map[string]func(a, b float64) float64{
	weights.OpAdd: func(a, b float64) float64 { return a + b },
	weights.OpMul: func(a, b float64) float64 { return a * b },
	weights.OpSub: func(a, b float64) float64 { return a - b },
	weights.OpDiv: func(a, b float64) float64 { return a / b },
	weights.OpMin: func(a, b float64) float64 { return min(a, b) },
	weights.OpMax: func(a, b float64) float64 { return max(a, b) },
}

func constant(t *weights.Tensor) *Tensor {
	y := alloc(t.Shape...)
	for i, v := range t.Data {
		y.Data[i] = float64(v)
	}
	return y
}

// binary is f of the elements of two tensors, of which a dimension of 1 repeats.
func binary(a, b *Tensor, f func(a, b float64) float64) *Tensor {
	shape := append([]int(nil), a.Shape...)
	for d, n := range b.Shape {
		shape[d] = max(shape[d], n)
	}
	y := alloc(shape...)
	at := func(t *Tensor, k int) float64 {
		place, step := 0, 1
		for d := len(y.Shape) - 1; d >= 0; d-- {
			if i := k % y.Shape[d]; t.Shape[d] != 1 {
				place += i * step
			}
			k /= y.Shape[d]
			step *= t.Shape[d]
		}
		return t.Data[place]
	}
	for k := range y.Data {
		y.Data[k] = f(at(a, k), at(b, k))
	}
	return y
}
