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
		"ReduceL1":        func(im *importer) { im.reduce(reduction{before: magnitudes}) },
		"ReduceL2":        func(im *importer) { im.reduce(reduction{before: squares, after: root}) },
		"ReduceSumSquare": func(im *importer) { im.reduce(reduction{before: squares}) },
		"GlobalLpPool":    (*importer).globalLpPool,
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

// globalLpPool is the norm of the pixels of each plane.
func (im *importer) globalLpPool() {
	r := reduction{before: squares, after: root}
	switch p := im.attrInt("p", 2); p {
	case 1:
		r = reduction{before: magnitudes}
	case 2:
	default:
		im.failf(ErrUnsupported, "p: got %d, want 1 or 2", p)
	}
	im.global(r)
}
