package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// Padding that no convolution or pool takes over becomes a node.
var opPad = operator{
	op: weights.OpPad, inputs: 1,
	sign:  anySign, // the value may be negative
	write: (*exporter).padNode,
}

func (e *exporter) padNode(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	p, err := list(n, "pad", 0, 0, 0, 0, 0)
	if err != nil {
		return nil, err
	}
	c, err := list(n, "channels", 0, 0, 0)
	if err != nil {
		return nil, err
	}
	mode, err := list(n, "mode", 0, 0)
	if err != nil || mode[0] >= len(padModes) {
		return nil, unsupported("mode: got %v, want 0 to %d", mode, len(padModes)-1)
	}
	in := []string{n.Inputs[0], e.initInts(0, c[0], p[0], p[1], 0, c[1], p[2], p[3])}
	if n.Tensors["value"] != "" {
		v, err := e.number(n, "value")
		if err != nil {
			return nil, err
		}
		in = append(in, e.initScalar(v))
	}
	e.put(n.Name, "Pad", in, n.Outputs, proto.TextAttr("mode", padModes[mode[0]]))
	return [][]int{{s[0] + c[0] + c[1], s[1] + p[0] + p[2], s[2] + p[1] + p[3]}}, nil
}
