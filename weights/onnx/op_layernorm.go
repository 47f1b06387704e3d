package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opLayerNorm = operator{
	op: weights.OpLayerNorm, inputs: 1,
	reads: map[string]reader{"LayerNormalization": (*importer).layerNorm},
	write: (*exporter).layerNorm,
}

// layerNorm is over the last dimension, which must be the channels'.
func (im *importer) layerNorm() {
	v := im.act(0)
	rank := len(v.dims)
	if rank < 2 || im.axis(-1, rank) != rank-1 {
		im.failf(ErrUnsupported, "axis: got %d of shape %v, want the last one", im.attrInt("axis", -1), im.whole(v))
	}
	if im.second() {
		im.failf(ErrUnsupported, "got more than one output, want one")
	}
	x, look := im.lastDimension(v)
	y := im.add(weights.OpLayerNorm, im.n.Label(), im.n.Outputs[0], []string{x}, nil, nil, im.shapes[x]...)
	im.normTensors(1, im.attrFloat("epsilon", 1e-5), 1)
	im.out(look(y))
}

// layerNorm writes a layer norm with the channels last in the middle. LayerNormalization is
// of opset 17: the file says so.
func (e *exporter) layerNorm(n *weights.Node, s []int) ([][]int, error) {
	in, err := e.normInputs(n, s[0])
	if err != nil {
		return nil, err
	}
	eps, err := e.number(n, "epsilon")
	if err != nil {
		return nil, err
	}
	e.need(17)
	if len(s) == 1 {
		e.put(n.Name, "LayerNormalization", append([]string{n.Inputs[0]}, in...), n.Outputs, proto.FloatAttr("epsilon", eps))
		return [][]int{s}, nil
	}
	last, normal := e.fresh(n.Outputs[0]+"/last"), e.fresh(n.Outputs[0]+"/normal")
	e.put(n.Name+"/last", "Transpose", n.Inputs, []string{last}, proto.IntsAttr("perm", 0, 2, 3, 1))
	e.put(n.Name+"/norm", "LayerNormalization", append([]string{last}, in...), []string{normal}, proto.FloatAttr("epsilon", eps))
	e.put(n.Name, "Transpose", []string{normal}, n.Outputs, proto.IntsAttr("perm", 0, 3, 1, 2))
	return [][]int{s}, nil
}
