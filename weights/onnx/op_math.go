package onnx

import "github.com/riffle-ml/riffle/weights"

// Functions of single elements, which seldom stand in a network but as a part of an
// activation.

var (
	opErf        = activation(weights.OpErf, "Erf", true, anySign)
	opSoftplus   = activation(weights.OpSoftplus, "Softplus", false, nonNegative)
	opExp        = activation(weights.OpExp, "Exp", false, nonNegative)
	opSqrt       = activation(weights.OpSqrt, "Sqrt", true, nonNegative)
	opAbs        = activation(weights.OpAbs, "Abs", true, nonNegative)
	opReciprocal = activation(weights.OpReciprocal, "Reciprocal", false, anySign)
)

// movePow is Pow with a whole exponent of 1 to 4, or 0.5, or -1: products, a root, a reciprocal.
var movePow = operator{
	reads: map[string]reader{"Pow": (*importer).power},
}

func (im *importer) power() {
	k := im.scalar(im.constant(1, true))
	switch k {
	case 0.5:
		im.function(weights.OpSqrt, true, nil, nil)
		return
	case -1:
		im.function(weights.OpReciprocal, false, nil, nil)
		return
	case 1:
		im.identity()
		return
	case 2, 3, 4:
	default:
		im.failf(ErrUnsupported, "exponent: got %v, want 1, 2, 3, 4, 0.5 or -1", k)
	}
	p := im.pointwise(0, true)
	y := &value{base: p.x}
	for i := 2; i <= int(k); i++ {
		name := im.n.Outputs[0]
		if i < int(k) {
			name += "/product"
		}
		y = im.add(weights.OpMul, im.n.Label(), name, []string{y.base, p.x}, nil, nil, p.s...)
	}
	im.out(p.done(y))
}
