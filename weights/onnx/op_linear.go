package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opLinear = operator{
	op: weights.OpLinear, inputs: 1,
	reads:  map[string]reader{"Gemm": (*importer).gemm},
	absorb: absorbAffine,
	finish: foldAffine,
	write:  (*exporter).linear,
}

func (e *exporter) linear(n *weights.Node, s []int) ([][]int, error) {
	if err := vectorial(s); err != nil {
		return nil, err
	}
	w, err := e.role(n, "weight", -1, s[0])
	if err != nil {
		return nil, err
	}
	in := []string{n.Inputs[0], e.tensor(w, w.Shape...)}
	if n.Tensors["bias"] != "" {
		b, err := e.role(n, "bias", w.Shape[0])
		if err != nil {
			return nil, err
		}
		in = append(in, e.tensor(b, w.Shape[0]))
	}
	e.put(n.Name, "Gemm", in, n.Outputs, proto.IntAttr("transB", 1))
	return [][]int{{w.Shape[0]}}, nil
}
