package onnx

import "math"

var constUnary = operator{
	folds: map[string]evaluator{
		"Neg": (*importer).unary, "Abs": (*importer).unary, "Floor": (*importer).unary,
		"Ceil": (*importer).unary, "Sqrt": (*importer).unary, "Reciprocal": (*importer).unary,
	},
}

func (im *importer) unary(in []*tensor) *tensor {
	op, x := im.n.Op, in[0]
	if x.isInt() && op != "Neg" && op != "Abs" {
		return nil
	}
	out := im.like(x, x.dims)
	for k := range out.i {
		if out.i[k] = x.i[k]; op == "Neg" || x.i[k] < 0 {
			out.i[k] = -x.i[k]
		}
	}
	f := map[string]func(float64) float64{
		"Neg": func(v float64) float64 { return -v }, "Reciprocal": func(v float64) float64 { return 1 / v },
		"Floor": math.Floor, "Ceil": math.Ceil, "Sqrt": math.Sqrt, "Abs": math.Abs,
	}[op]
	for k := range out.f {
		out.f[k] = float32(f(float64(x.f[k])))
	}
	return out
}
