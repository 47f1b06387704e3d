package onnx

import "github.com/riffle-ml/riffle/weights"

var opGlobalAvgPool = operator{
	op: weights.OpGlobalAvgPool, inputs: 1,
	reads: map[string]reader{
		"GlobalAveragePool": (*importer).globalAveragePool,
		"ReduceMean":        (*importer).reduceMean,
	},
	sign:  asInputs,
	write: (*exporter).mean,
}

func (im *importer) globalAveragePool() {
	axes := map[int]bool{}
	for i := 2; i < len(im.act(0).dims); i++ {
		axes[i] = true
	}
	im.mean(axes, true)
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
