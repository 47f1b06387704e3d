package onnx

import "github.com/riffle-ml/riffle/weights"

var opReLU6 = operator{
	op: weights.OpReLU6, inputs: 1,
	sign:   nonNegative,
	absorb: absorbByReLU6,
	write:  (*exporter).relu6,
}

// absorbByReLU6: a ReLU or a ReLU6 changes nothing behind a ReLU6.
func absorbByReLU6(im *importer, p, n *weights.Node) bool {
	return n.Op == weights.OpReLU || n.Op == weights.OpReLU6
}

func (e *exporter) relu6(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Clip", []string{n.Inputs[0], e.initScalar(0), e.initScalar(6)}, n.Outputs)
	return [][]int{s}, nil
}
