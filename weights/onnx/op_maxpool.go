package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

var opMaxPool = operator{
	op: weights.OpMaxPool, inputs: 1,
	reads: map[string]reader{"MaxPool": lines((*importer).maxPool)},
	sign:  asInputs,
	// The maximum of a*v+b, with a positive, is a times the maximum of v, and b.
	commutes: func(im *importer, n *weights.Node) bool {
		a, ok := im.isAffine(n)
		return ok && !slices.ContainsFunc(a.scale, func(v float64) bool { return !(v > 0) })
	},
	write: (*exporter).maxPool,
}

func (im *importer) maxPool() {
	k := im.poolKernel()
	x, s, pad, low := im.poolPad(0, k)
	// A maximum ignores its own padding. A Pad node's zeros are elements like any other.
	if pad != [4]int{} && !low && !im.nonneg[x] {
		x, s = im.any(0)
		pad = [4]int{}
	}
	attrs, oh, ow := im.window(k, s, pad, true)
	im.emitPool(weights.OpMaxPool, x, attrs, s[0], oh, ow)
}

func (e *exporter) maxPool(n *weights.Node, s []int) ([][]int, error) {
	attrs, out, err := poolAttrs(n, s)
	if err != nil {
		return nil, err
	}
	e.put(n.Name, "MaxPool", n.Inputs, n.Outputs, attrs...)
	return out, nil
}
