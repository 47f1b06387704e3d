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
	if a := im.axis(1, len(v.dims)); a != 1 {
		im.failf(ErrUnsupported, "axis: got %d, want 1", a)
	}
	n, _ := product(v.dims[1:])
	im.out(im.reshaped(v, []int{v.dims[0], n}))
}

func (e *exporter) flatten(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Flatten", n.Inputs, n.Outputs, proto.IntAttr("axis", 1))
	k, _ := product(s)
	return [][]int{{k}}, nil
}
