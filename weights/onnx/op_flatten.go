package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opFlatten = operator{
	op: weights.OpFlatten, inputs: 1,
	reads: map[string]reader{"Flatten": (*importer).flatten},
	folds: map[string]evaluator{"Flatten": viewed((*importer).flatten)},
	sign:  asInputs,
	write: (*exporter).flatten,
}

func (im *importer) flatten() {
	v := im.act(0)
	whole := im.whole(v)
	axis := int(im.attrInt("axis", 1)) // may be the rank, unlike other axes
	if axis < 0 {
		axis += len(whole)
	}
	if axis < 0 || axis > len(whole) {
		im.failf(ErrInvalid, "axis: got %d, want one of %d dimensions", axis, len(whole))
	}
	before, _ := product(whole[:axis])
	after, _ := product(whole[axis:])
	im.out(im.regrouped(v, []int{before, after}))
}

func (e *exporter) flatten(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Flatten", n.Inputs, n.Outputs, proto.IntAttr("axis", 1))
	k, _ := product(s)
	return [][]int{{k}}, nil
}
