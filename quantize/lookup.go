package quantize

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
)

// lookup writes a function of single elements as a table of 256.
func (b *builder) lookup(u *unit) {
	in, v := b.byte(u.Inputs[0]), u.out[0]
	b.unify(in)
	b.made(v)
	f := function(b.m, u.Node)
	b.later = append(b.later, func() {
		from, to := b.quants(in)[0], b.quants(v)[0]
		table := make([]byte, 256)
		for q := range table {
			y := f(float64(from.Scale) * float64(q-from.Zero))
			k := math.RoundToEven(y/float64(to.Scale)) + float64(to.Zero)
			if math.IsNaN(k) {
				k = 0
			}
			table[q] = byte(min(max(k, 0), 255))
		}
		name := b.tensor(weights.Tensor{Name: u.Name + ".table", DType: weights.Uint8, Shape: []int{256}, Bytes: table})
		b.node(weights.Node{
			Name: u.Name, Op: weights.OpQLookup, Inputs: []string{in}, Outputs: []string{v},
			Tensors: map[string]string{"table": name}, Quant: b.quantOf(v),
		})
	})
}

// function is what a node does to each element; weights/FORMAT.md has the formulas.
func function(m *weights.Model, n *weights.Node) func(x float64) float64 {
	number := func(role string) float64 { return float64(m.Tensor(n.Tensors[role]).Data[0]) }
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	softplus := func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
	switch n.Op {
	case weights.OpReLU, weights.OpReLU6, weights.OpClip:
		lo, hi := limits(m, n)
		return func(x float64) float64 { return min(max(x, float64(lo)), float64(hi)) }
	case weights.OpSigmoid:
		return sigmoid
	case weights.OpHardSigmoid:
		a, b := number("alpha"), number("beta")
		return func(x float64) float64 { return min(max(a*x+b, 0), 1) }
	case weights.OpSiLU:
		return func(x float64) float64 { return x * sigmoid(x) }
	case weights.OpHardSwish:
		return func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }
	case weights.OpMish:
		return func(x float64) float64 { return x * math.Tanh(softplus(x)) }
	case weights.OpTanh:
		return math.Tanh
	case weights.OpGELU:
		if n.Attr("tanh", 0)[0] == 1 {
			return func(x float64) float64 { return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) }
		}
		return func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }
	case weights.OpLeakyReLU:
		slope := number("slope")
		return func(x float64) float64 {
			if x < 0 {
				return slope * x
			}
			return x
		}
	case weights.OpELU:
		alpha := number("alpha")
		return func(x float64) float64 {
			if x < 0 {
				return alpha * math.Expm1(x)
			}
			return x
		}
	case weights.OpErf:
		return math.Erf
	case weights.OpSoftplus:
		return softplus
	case weights.OpExp:
		return math.Exp
	case weights.OpSqrt:
		return math.Sqrt
	case weights.OpAbs:
		return math.Abs
	case weights.OpReciprocal:
		return func(x float64) float64 { return 1 / x }
	}
	return nil // not reached: unary has no others
}
