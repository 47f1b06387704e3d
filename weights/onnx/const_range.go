package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var constRange = operator{
	folds: map[string]evaluator{
		"Range":           (*importer).countUp,
		"ConstantOfShape": (*importer).constantOfShape,
		"Expand":          (*importer).expand,
	},
}

func (im *importer) countUp(in []*tensor) *tensor {
	var v [3]int64
	if len(in) != 3 {
		return nil
	}
	for i, t := range in {
		if t == nil || !t.isInt() || len(t.i) != 1 {
			return nil
		}
		v[i] = t.i[0]
	}
	n := math.Ceil((float64(v[1]) - float64(v[0])) / float64(v[2]))
	if !(n <= maxSize) {
		im.failf(ErrInvalid, "got a range from %d to %d by %d, want at most %d values", v[0], v[1], v[2], maxSize)
	}
	out := im.like(in[0], []int{int(max(n, 0))})
	for k := range out.i {
		out.i[k] = v[0] + int64(k)*v[2]
	}
	return out
}

func (im *importer) constantOfShape(in []*tensor) *tensor {
	fill := &tensor{f: []float32{0}}
	if a := im.attr("value", proto.AttrTensor); a != nil && a.T != nil {
		fill = im.decode(a.T)
	}
	return im.filled(in[0], fill)
}

func (im *importer) expand(in []*tensor) *tensor {
	if len(in) != 2 || in[1] == nil {
		return nil
	}
	return im.filled(in[1], in[0])
}

// filled repeats x to a shape.
func (im *importer) filled(shape, x *tensor) *tensor {
	if !shape.isInt() || len(shape.dims) != 1 || len(shape.i) > proto.MaxRank {
		im.failf(ErrInvalid, "shape: got dimensions %v, want a list of at most %d integers", shape.dims, proto.MaxRank)
	}
	dims := make([]int, len(shape.i))
	for i, d := range shape.i {
		if d < 0 || d > maxSize {
			im.failf(ErrUnsupported, "shape: got %v, want dimensions of 0 to %d", shape.i, maxSize)
		}
		dims[i] = int(d)
	}
	dims, step, _ := im.broadcast(x.dims, dims)
	out := im.like(x, dims)
	for k := range out.len() {
		out.set(k, x, offset(k, dims, step))
	}
	return out
}
