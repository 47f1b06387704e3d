package onnx

import (
	"maps"
	"math"
	"slices"
)

// constReduction combines the elements of a constant along some axes. It begins
// with startInt or start.
type constReduction struct {
	startInt int64
	start    float64
	ints     func(sum, x int64) int64
	floats   func(sum, x float64) float64
	average  bool
	after    func(x float64) float64 // of the result; nil: nothing
}

func added(s, x int64) int64            { return s + x }
func addedFloat(s, x float64) float64   { return s + x }
func squared(s, x int64) int64          { return s + x*x }
func squaredFloat(s, x float64) float64 { return s + x*x }

var reductions = map[string]constReduction{
	"ReduceSum":       {ints: added, floats: addedFloat},
	"ReduceMean":      {ints: added, floats: addedFloat, average: true},
	"ReduceProd":      {startInt: 1, start: 1, ints: func(s, x int64) int64 { return s * x }, floats: func(s, x float64) float64 { return s * x }},
	"ReduceMax":       {startInt: math.MinInt64, start: lowest, ints: func(s, x int64) int64 { return max(s, x) }, floats: func(s, x float64) float64 { return max(s, x) }},
	"ReduceMin":       {startInt: math.MaxInt64, start: highest, ints: func(s, x int64) int64 { return min(s, x) }, floats: func(s, x float64) float64 { return min(s, x) }},
	"ReduceL1":        {ints: func(s, x int64) int64 { return s + max(x, -x) }, floats: func(s, x float64) float64 { return s + math.Abs(x) }},
	"ReduceL2":        {floats: squaredFloat, after: math.Sqrt},
	"ReduceSumSquare": {ints: squared, floats: squaredFloat},
	"ReduceLogSum":    {floats: addedFloat, after: math.Log},
}

var constReduce = operator{folds: evaluators((*importer).reduceConstant, slices.Collect(maps.Keys(reductions))...)}

func (im *importer) reduceConstant(in []*tensor) *tensor {
	x, op := in[0], reductions[im.n.Op]
	if x.isInt() && op.ints == nil {
		return nil
	}
	axes := im.axes(len(x.dims))
	if len(axes) == 0 {
		if im.flag("noop_with_empty_axes", 0) {
			return x
		}
		for i := range x.dims {
			axes[i] = true
		}
	}
	keep := im.flag("keepdims", 1)
	dims, kept := []int{}, slices.Clone(x.dims)
	count := 1
	for i, d := range x.dims {
		if axes[i] {
			count *= d
			kept[i] = 1
		}
		if !axes[i] || keep {
			dims = append(dims, kept[i])
		}
	}
	if count == 0 {
		return nil
	}
	_, step, _ := im.broadcast(kept, x.dims) // of the result, 0 along the axes
	out := im.like(x, dims)
	out.typ = x.typ
	n := out.len()
	im.spend(n)
	sums := slices.Repeat([]float64{op.start}, n)
	for k := range out.i {
		out.i[k] = op.startInt
	}
	for k := range x.len() {
		at := offset(k, x.dims, step)
		if x.isInt() {
			out.i[at] = op.ints(out.i[at], x.i[k])
		} else {
			sums[at] = op.floats(sums[at], float64(x.f[k]))
		}
	}
	for k := range n {
		switch {
		case x.isInt() && op.average:
			out.i[k] /= int64(count)
		case x.isInt():
			out.i[k] = narrow(out.i[k], x.typ)
		case op.after != nil:
			out.f[k] = rounded(float32(op.after(sums[k])), x.typ)
		case op.average:
			out.f[k] = rounded(float32(sums[k]/float64(count)), x.typ)
		default:
			out.f[k] = rounded(float32(sums[k]), x.typ)
		}
	}
	return out
}
