package onnx

var comparisons = map[string]struct {
	ints   func(x, y int64) bool
	floats func(x, y float32) bool
}{
	"Equal":          {func(x, y int64) bool { return x == y }, func(x, y float32) bool { return x == y }},
	"Less":           {func(x, y int64) bool { return x < y }, func(x, y float32) bool { return x < y }},
	"Greater":        {func(x, y int64) bool { return x > y }, func(x, y float32) bool { return x > y }},
	"LessOrEqual":    {func(x, y int64) bool { return x <= y }, func(x, y float32) bool { return x <= y }},
	"GreaterOrEqual": {func(x, y int64) bool { return x >= y }, func(x, y float32) bool { return x >= y }},
	"And":            {func(x, y int64) bool { return x != 0 && y != 0 }, nil},
	"Or":             {func(x, y int64) bool { return x != 0 || y != 0 }, nil},
	"Xor":            {func(x, y int64) bool { return (x != 0) != (y != 0) }, nil},
}

var constCompare = operator{folds: evaluators((*importer).compare, "Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual", "And", "Or", "Xor")}

func (im *importer) compare(in []*tensor) *tensor {
	if len(in) != 2 || in[1] == nil {
		return nil
	}
	op, a, b := comparisons[im.n.Op], in[0], in[1]
	if a.isInt() != b.isInt() || !a.isInt() && op.floats == nil {
		im.failf(ErrInvalid, "inputs: got integers and floats, want one type that the operator takes")
	}
	dims, stepA, stepB := im.broadcast(a.dims, b.dims)
	out := im.like(&tensor{i: []int64{}}, dims)
	for k := range out.i {
		i, j := offset(k, dims, stepA), offset(k, dims, stepB)
		if a.isInt() {
			out.i[k] = truth(op.ints(a.i[i], b.i[j]))
		} else {
			out.i[k] = truth(op.floats(a.f[i], b.f[j]))
		}
	}
	return out
}
