package onnx

import "github.com/riffle-ml/riffle/weights"

var opDynamicShuffle = operator{
	op: weights.OpDynamicShuffle, inputs: 1,
	reads: map[string]reader{domain + ".DynamicShuffle": (*importer).dynamicShuffle},
	sign:  asInputs,
	write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) {
		return e.dynamic(n, s, "DynamicShuffle", generatorRoles)
	},
}

func (im *importer) dynamicShuffle() {
	x, s, attrs := im.generator()
	tensors := im.roleTensors(generatorRoles, roleShapes(attrs, s[0]))
	im.emit(weights.OpDynamicShuffle, []string{x}, attrs, tensors, s...)
}
