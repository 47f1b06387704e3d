package onnx

import "math"

// binary is an operator of two constants of one type that broadcast. div says that
// integers must not be divided by 0.
type binary struct {
	ints   func(x, y int64) int64
	floats func(x, y float64) float64
	div    bool
}

var binaries = map[string]binary{
	"Add": {func(x, y int64) int64 { return x + y }, func(x, y float64) float64 { return x + y }, false},
	"Sum": {func(x, y int64) int64 { return x + y }, func(x, y float64) float64 { return x + y }, false},
	"Sub": {func(x, y int64) int64 { return x - y }, func(x, y float64) float64 { return x - y }, false},
	"Mul": {func(x, y int64) int64 { return x * y }, func(x, y float64) float64 { return x * y }, false},
	"Div": {func(x, y int64) int64 { return x / y }, func(x, y float64) float64 { return x / y }, true},
	"Min": {func(x, y int64) int64 { return min(x, y) }, func(x, y float64) float64 { return min(x, y) }, false},
	"Max": {func(x, y int64) int64 { return max(x, y) }, func(x, y float64) float64 { return max(x, y) }, false},
	"Pow": {func(x, y int64) int64 { return integer(math.Pow(float64(x), float64(y))) }, math.Pow, false},
	"Mod": {func(x, y int64) int64 { return x % y }, math.Mod, true},
}

var constArithmetic = operator{folds: evaluators((*importer).arithmetic, "Add", "Sum", "Sub", "Mul", "Div", "Min", "Max", "Pow", "Mod")}

func (im *importer) arithmetic(in []*tensor) *tensor {
	out := in[0]
	for _, t := range in[1:] { // Min and Max take any number
		if t == nil {
			return nil
		}
		out = im.pairwise(out, im.aligned(t, out.dims))
	}
	return out
}

func (im *importer) pairwise(a, b *tensor) *tensor {
	if a.isInt() != b.isInt() {
		im.failf(ErrInvalid, "inputs: got integers and floats, want one type")
	}
	op := binaries[im.n.Op]
	dims, stepA, stepB := im.broadcast(a.dims, b.dims)
	out := im.like(a, dims)
	out.typ = a.typ
	for k := range out.len() {
		i, j := offset(k, dims, stepA), offset(k, dims, stepB)
		if !a.isInt() {
			out.f[k] = rounded(float32(op.floats(float64(a.f[i]), float64(b.f[j]))), a.typ)
			continue
		}
		x, y := a.i[i], b.i[j]
		if op.div && y == 0 {
			im.failf(ErrInvalid, "got a division of %d by 0, want another divisor", x)
		}
		z := op.ints(x, y)
		if im.n.Op == "Mod" && z != 0 && (z < 0) != (y < 0) && im.attrInt("fmod", 0) == 0 {
			z += y // the sign of the divisor
		}
		out.i[k] = narrow(z, a.typ)
	}
	return out
}
