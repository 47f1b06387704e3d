package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// moves are the operators that take quantized values too, and keep their elements.
var moves = []string{
	weights.OpConcat, weights.OpSplit, weights.OpSlice, weights.OpShuffle, weights.OpMaxPool, weights.OpFlatten, weights.OpDynamicShuffle,
}

// keepsQuant is the scale and zero point of what moves quantized elements that have one, or
// chooses among them.
func (im *importer) keepsQuant(op string, in []string) (weights.Quant, bool) {
	if len(im.quants) == 0 || !slices.Contains(moves, op) {
		return weights.Quant{}, false
	}
	q, ok := im.quants[in[0]]
	for _, x := range in {
		other, quantized := im.quants[x]
		ok = ok && quantized && other == q
	}
	return q, ok
}
