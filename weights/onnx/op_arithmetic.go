package onnx

import "github.com/riffle-ml/riffle/weights"

// Arithmetic on two activations, or on one and a constant that is not one number for
// each channel: those are an affine node's, or a clip's.

var (
	opMul = arithmeticOf(weights.OpMul, "Mul")
	opSub = arithmeticOf(weights.OpSub, "Sub")
	opDiv = arithmeticOf(weights.OpDiv, "Div")
	opMin = arithmeticOf(weights.OpMin, "Min")
	opMax = arithmeticOf(weights.OpMax, "Max")
)

func arithmeticOf(op, name string) operator {
	read := func(im *importer) { im.scaleOrShift(op) }
	s := asInputs
	switch op {
	case weights.OpMin, weights.OpMax:
		read = func(im *importer) { im.limit(op) }
	case weights.OpSub:
		s = anySign
	}
	return operator{
		op:    op,
		reads: map[string]reader{name: read},
		sign:  s,
		write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) { return e.arithmetic(name, n, s) },
	}
}

// limit is Max and Min: of an activation and a number it is a clip.
func (im *importer) limit(op string) {
	k, at := im.operands(true), im.activation()
	if k == 1 {
		im.identity()
		return
	}
	if v := im.in(1 - min(at, 1)); k == 2 && v != nil && v.c != nil {
		if t := v.c; !t.isInt() && t.len() == 1 && len(t.dims) <= len(im.act(at).dims) {
			n := *im.n // the activation first, as clamp has it
			n.Inputs = []string{im.n.Inputs[at]}
			im.n = &n
			bounds := [2]float64{lowest, highest}
			bounds[map[string]int{weights.OpMax: 0, weights.OpMin: 1}[op]] = float64(t.f[0])
			im.clamp(bounds[0], bounds[1])
			return
		}
		im.withConstant(op, at, v.c)
		return
	}
	im.combine(op)
}
