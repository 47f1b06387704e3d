package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// Sums, and norms, which are sums of functions of single elements.
var opGlobalSum = operator{
	op: weights.OpGlobalSum, inputs: 1,
	reads: map[string]reader{
		"ReduceSum":       func(im *importer) { im.reduce(reduction{}) },
		"ReduceL1":        func(im *importer) { im.reduce(manhattan) },
		"ReduceL2":        func(im *importer) { im.reduce(euclidean) },
		"ReduceSumSquare": func(im *importer) { im.reduce(reduction{before: squares}) },
		"GlobalLpPool":    func(im *importer) { im.global(im.norm()) },
	},
	sign: asInputs,
	write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) {
		if err := planar(s); err != nil {
			return nil, err
		}
		e.put(n.Name, "ReduceSum", []string{n.Inputs[0], e.initInts(2, 3)}, n.Outputs, proto.IntAttr("keepdims", 1))
		return [][]int{{s[0], 1, 1}}, nil
	},
}
