// Package onnx turns ONNX files into weights.Model and back. It is the edge of
// the house: nothing else knows ONNX.
//
// [Import] reads what torch.onnx.export of PyTorch 1.13 and 2.x writes, opset 11
// to 21: batch norms are folded into the convolution before them or become
// affine nodes, shape arithmetic is evaluated and disappears, any chain of
// reshapes, transposes and selections that only permutes channels becomes one
// shuffle with an explicit table, splits and concats stay. The batch dimension
// may be symbolic or fixed: a model describes one sample.
//
// Dynamic operators come as nodes of the domain "riffle":
//
//	riffle.DynamicShuffle(x, w1, b1, w2, b2), attributes groups, factors (2 ints), pairs
//	riffle.StaticDynamicShuffle(x, w1, b1, w2, b2, weight, gate, shift), form = 0
//	riffle.StaticDynamicShuffle(x, w1, b1, w2, b2, wa, wb, scale, shift), form = 1
//
// with the meaning and shapes of weights/FORMAT.md.
//
// An operator or attribute value that is not known is an [Error] that names the
// node. Import never panics, follows no path out of the file, and allocates at
// most a small multiple of the file's size and of one activation.
package onnx
