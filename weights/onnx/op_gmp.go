package onnx

import "github.com/riffle-ml/riffle/weights"

var opGlobalMaxPool = operator{
	op: weights.OpGlobalMaxPool, inputs: 1,
	reads: map[string]reader{
		"GlobalMaxPool": func(im *importer) { im.global(reduction{most: true}) },
		"ReduceMax":     func(im *importer) { im.reduce(reduction{most: true}) },
		"ReduceMin":     func(im *importer) { im.reduce(reduction{most: true, before: negated, after: negated}) },
	},
	sign:  asInputs,
	write: (*exporter).maximum,
}

func negated(im *importer, x string) string { return im.scaled(x, -1, 0) }

func (e *exporter) maximum(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	e.put(n.Name, "GlobalMaxPool", n.Inputs, n.Outputs)
	return [][]int{{s[0], 1, 1}}, nil
}
