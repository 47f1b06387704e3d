package onnx

import (
	"math"
	"slices"
)

var constArithmetic = operator{
	folds: map[string]evaluator{
		"Add": (*importer).arithmetic, "Sub": (*importer).arithmetic, "Mul": (*importer).arithmetic, "Div": (*importer).arithmetic,
		"Mod": (*importer).arithmetic, "Pow": (*importer).arithmetic, "Min": (*importer).arithmetic, "Max": (*importer).arithmetic,
		"Equal": (*importer).arithmetic, "Less": (*importer).arithmetic, "Greater": (*importer).arithmetic,
		"ReduceProd": (*importer).reduceProduct,
	},
}

func (im *importer) arithmetic(in []*tensor) *tensor {
	if len(in) != 2 || in[1] == nil {
		return nil
	}
	op, a, b := im.n.Op, in[0], in[1]
	if a.isInt() != b.isInt() {
		im.failf(ErrInvalid, "inputs: got integers and floats, want one type")
	}
	dims, stepA, stepB := im.broadcast(a.dims, b.dims)
	kind := a
	if op == "Equal" || op == "Less" || op == "Greater" {
		kind = &tensor{i: []int64{}}
	}
	out := im.like(kind, dims)
	for k := range out.len() {
		i, j := offset(k, dims, stepA), offset(k, dims, stepB)
		switch {
		case a.isInt():
			out.i[k] = im.intOp(op, a.i[i], b.i[j])
		case out.isInt():
			out.i[k] = truth(op == "Equal" && a.f[i] == b.f[j] || op == "Less" && a.f[i] < b.f[j] || op == "Greater" && a.f[i] > b.f[j])
		default:
			out.f[k] = floatOp(op, a.f[i], b.f[j])
		}
	}
	return out
}

func (im *importer) intOp(op string, x, y int64) int64 {
	switch op {
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		return x * y
	case "Min":
		return min(x, y)
	case "Max":
		return max(x, y)
	case "Equal":
		return truth(x == y)
	case "Less":
		return truth(x < y)
	case "Greater":
		return truth(x > y)
	case "Div", "Mod":
		if y == 0 {
			im.failf(ErrInvalid, "got a division of %d by 0, want another divisor", x)
		}
		if op == "Div" {
			return x / y
		}
		m := x % y
		if m != 0 && (m < 0) != (y < 0) && im.attrInt("fmod", 0) == 0 {
			m += y
		}
		return m
	}
	return int64(math.Pow(float64(x), float64(y)))
}

func floatOp(op string, x, y float32) float32 {
	switch op {
	case "Add":
		return x + y
	case "Sub":
		return x - y
	case "Mul":
		return x * y
	case "Div":
		return x / y
	case "Min":
		return min(x, y)
	case "Max":
		return max(x, y)
	case "Mod":
		return float32(math.Mod(float64(x), float64(y)))
	}
	return float32(math.Pow(float64(x), float64(y)))
}

func (im *importer) reduceProduct(in []*tensor) *tensor {
	if !in[0].isInt() || len(in) != 1 || im.n.Attrs["axes"] != nil {
		return nil
	}
	p := int64(1)
	for _, v := range in[0].i {
		p *= v
	}
	out := &tensor{i: []int64{p}}
	if im.flag("keepdims", 1) {
		out.dims = slices.Repeat([]int{1}, len(in[0].dims))
	}
	return out
}
