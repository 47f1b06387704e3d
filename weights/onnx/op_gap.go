package onnx

import "github.com/riffle-ml/riffle/weights"

var opGlobalAvgPool = operator{
	op: weights.OpGlobalAvgPool, inputs: 1,
	reads: map[string]reader{
		"GlobalAveragePool": func(im *importer) { im.mean(pixels(im.act(0)), true) },
		"ReduceMean":        (*importer).reduceMean,
	},
	sign:  asInputs,
	write: (*exporter).mean,
}

func (im *importer) reduceMean() {
	axes, keep, none := im.reduceAxes(len(im.partial(0).dims))
	if none {
		im.identity()
		return
	}
	im.mean(axes, keep)
}

func (e *exporter) mean(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	e.put(n.Name, "GlobalAveragePool", n.Inputs, n.Outputs)
	return [][]int{{s[0], 1, 1}}, nil
}
