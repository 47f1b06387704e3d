package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opSoftmax = operator{
	op: weights.OpSoftmax, inputs: 1,
	reads: map[string]reader{"Softmax": (*importer).softmax},
	sign:  nonNegative,
	write: (*exporter).softmax,
}

func (im *importer) softmax() {
	x, n := im.vector(0)
	def := int64(-1)
	if im.opset < 13 {
		def = 1
	}
	if a := im.axis(def, 2); a != 1 {
		im.failf(ErrUnsupported, "axis: got %d, want 1", a)
	}
	im.emit(weights.OpSoftmax, []string{x}, nil, nil, n)
}

func (e *exporter) softmax(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Softmax", n.Inputs, n.Outputs, proto.IntAttr("axis", 1))
	return [][]int{s}, vectorial(s)
}
