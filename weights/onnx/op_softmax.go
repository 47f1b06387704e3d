package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opSoftmax = operator{
	op: weights.OpSoftmax, inputs: 1,
	reads: map[string]reader{"Softmax": func(im *importer) { im.softmax(weights.OpSoftmax) }},
	sign:  nonNegative,
	write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) { return e.softmax("Softmax", n, s) },
}

var opLogSoftmax = operator{
	op: weights.OpLogSoftmax, inputs: 1,
	reads: map[string]reader{"LogSoftmax": func(im *importer) { im.softmax(weights.OpLogSoftmax) }},
	write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) { return e.softmax("LogSoftmax", n, s) },
}

// softmax is over one dimension from opset 13 on; before, it is over all from one on. A
// model has that of a vector, so that those must be all of a sample's elements.
func (im *importer) softmax(op string) {
	v := im.act(0)
	whole := im.whole(v)
	axis, n := 0, 1
	if im.opset < 13 {
		axis = im.axis(1, len(whole))
		n, _ = product(whole[axis:])
	} else {
		axis = im.axis(-1, len(whole))
		n = whole[axis]
	}
	if n != v.elems() || v.padded() {
		im.failf(ErrUnsupported, "axis: got %d of shape %v, want all the %d elements of a sample", axis, whole, v.elems())
	}
	if len(v.dims) == 2 { // the usual case, which shares a flatten with others
		x, k := im.vector(0)
		im.emit(op, []string{x}, nil, nil, k)
		return
	}
	x := im.settle(im.vectorOf(v), im.n.Inputs[0])
	y := im.add(op, im.n.Label(), im.n.Outputs[0]+"/vector", []string{x}, nil, nil, n)
	out := im.reshaped(y, v.dims)
	out.lead = v.lead
	im.out(out)
}

func (e *exporter) softmax(op string, n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, op, n.Inputs, n.Outputs, proto.IntAttr("axis", 1))
	return [][]int{s}, vectorial(s)
}
