package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var constClip = operator{folds: map[string]evaluator{"Clip": (*importer).clipped}}

// clipped is Clip of a constant: its limits are inputs, or attributes before opset 11.
func (im *importer) clipped(in []*tensor) *tensor {
	x := in[0]
	out := im.like(x, x.dims)
	out.typ = x.typ
	lo, hi := math.Inf(-1), math.Inf(1)
	loInt, hiInt := int64(math.MinInt64), int64(math.MaxInt64)
	limit := func(i int, name string, f *float64, n *int64) {
		if a := im.attr(name, proto.AttrFloat); a != nil {
			*f = float64(a.F)
		}
		if len(in) <= i || in[i] == nil {
			return
		}
		if t := in[i]; t.len() != 1 || t.isInt() != x.isInt() {
			im.failf(ErrInvalid, "%s: got %d values, want one of the input's type", name, t.len())
		} else if t.isInt() {
			*n = t.i[0]
		} else {
			*f = float64(t.f[0])
		}
	}
	limit(1, "min", &lo, &loInt)
	limit(2, "max", &hi, &hiInt)
	for k := range out.i {
		out.i[k] = min(max(x.i[k], loInt), hiInt)
	}
	for k := range out.f {
		out.f[k] = float32(min(max(float64(x.f[k]), lo), hi))
	}
	return out
}
