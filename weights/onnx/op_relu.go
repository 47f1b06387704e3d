package onnx

import "github.com/riffle-ml/riffle/weights"

var opReLU = operator{
	op: weights.OpReLU, inputs: 1,
	reads:  map[string]reader{"Relu": func(im *importer) { im.same(weights.OpReLU) }},
	sign:   nonNegative,
	absorb: absorbByReLU,
	write:  (*exporter).relu,
}

// absorbByReLU: a ReLU of a ReLU is the same, and a ReLU6 of it is a ReLU6.
func absorbByReLU(im *importer, p, n *weights.Node) bool {
	if n.Op != weights.OpReLU && n.Op != weights.OpReLU6 {
		return false
	}
	p.Op = n.Op
	return true
}

func (e *exporter) relu(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Relu", n.Inputs, n.Outputs)
	return [][]int{s}, nil
}
