package onnx

import (
	"maps"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/internal/element"
)

var unaries = map[string]struct {
	ints   func(x int64) int64
	floats func(x float64) float64
}{
	"Neg":        {func(x int64) int64 { return -x }, func(x float64) float64 { return -x }},
	"Abs":        {func(x int64) int64 { return max(x, -x) }, math.Abs},
	"Sign":       {func(x int64) int64 { return truth(x > 0) - truth(x < 0) }, sign64},
	"Not":        {func(x int64) int64 { return truth(x == 0) }, nil},
	"Relu":       {func(x int64) int64 { return max(x, 0) }, func(x float64) float64 { return max(x, 0) }},
	"Floor":      {whole, math.Floor},
	"Ceil":       {whole, math.Ceil},
	"Round":      {whole, math.RoundToEven},
	"Sin":        {nil, math.Sin},
	"Cos":        {nil, math.Cos},
	"Tan":        {nil, math.Tan},
	"Asin":       {nil, math.Asin},
	"Acos":       {nil, math.Acos},
	"Atan":       {nil, math.Atan},
	"Sinh":       {nil, math.Sinh},
	"Cosh":       {nil, math.Cosh},
	"Erf":        {nil, math.Erf},
	"Softplus":   {nil, element.Softplus},
	"Sqrt":       {nil, math.Sqrt},
	"Reciprocal": {nil, func(x float64) float64 { return 1 / x }},
	"Exp":        {nil, math.Exp},
	"Log":        {nil, math.Log},
	"Tanh":       {nil, math.Tanh},
	"Sigmoid":    {nil, element.Sigmoid},
}

var constUnary = operator{folds: evaluators((*importer).unary, slices.Collect(maps.Keys(unaries))...)}

// whole is what rounds, of integers: exporters round sizes that are integers already.
func whole(x int64) int64 { return x }

func sign64(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0, NaN
}

func (im *importer) unary(in []*tensor) *tensor {
	op, x := unaries[im.n.Op], in[0]
	if x.isInt() && op.ints == nil || !x.isInt() && op.floats == nil {
		return nil
	}
	out := im.like(x, x.dims)
	out.typ = x.typ
	for k := range out.i {
		out.i[k] = narrow(op.ints(x.i[k]), x.typ)
	}
	for k := range out.f {
		out.f[k] = rounded(float32(op.floats(float64(x.f[k]))), x.typ)
	}
	return out
}
