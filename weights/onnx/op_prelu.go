package onnx

import "github.com/riffle-ml/riffle/weights"

var opPReLU = operator{
	op: weights.OpPReLU, inputs: 1,
	reads: map[string]reader{"PRelu": (*importer).prelu},
	write: (*exporter).prelu,
}

// prelu has one slope, or one for each channel.
func (im *importer) prelu() {
	x := im.act(0)
	p := im.pointwise(0, true)
	slope := singles(im.spread(im.floatConstant(1, true), x, p))
	y := im.add(weights.OpPReLU, im.n.Label(), im.n.Outputs[0], []string{p.x}, nil, nil, p.s...)
	n := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
	n.Tensors = map[string]string{"slope": im.storeFor(n.Name, "slope", slope, len(slope))}
	im.out(p.done(y))
}

func (e *exporter) prelu(n *weights.Node, s []int) ([][]int, error) {
	slope, err := e.role(n, "slope", s[0])
	if err != nil {
		return nil, err
	}
	column := []int{s[0]}
	for range s[1:] {
		column = append(column, 1)
	}
	e.put(n.Name, "PRelu", []string{n.Inputs[0], e.tensor(slope, column...)}, n.Outputs)
	return [][]int{s}, nil
}
