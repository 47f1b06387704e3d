// Package onnx turns ONNX files into [weights.Model] and back. Nothing else in this
// module knows ONNX, and this package knows nothing of how a network runs.
//
// # Import
//
// [Import] reads what torch.onnx.export of PyTorch 1.13 and 2.x writes, opset 11
// to 21 (7 to 25 are tried: what is the same there works), with constants folded or not:
//
//   - A batch norm, or a product or sum with a constant per channel, is folded into
//     the convolution or linear layer before it, if nothing else reads that layer's
//     result. Otherwise it becomes an affine node.
//   - Shape arithmetic is evaluated and disappears. The batch dimension may be open
//     or fixed, of any size, because a model describes one sample. Height and width
//     must be fixed, or given by [WithInputSize].
//   - A chain of reshapes, transposes, selections and stackings that in the end only
//     permutes channels becomes one shuffle with an explicit table, whatever
//     convention it follows. A chain that also drops channels becomes a slice, or a
//     shuffle and a slice. A chain that changes nothing disappears. A chain that
//     moves pixels is an error.
//   - Splits, slices and concats of channels stay. Zero padding goes into the
//     convolution or pool that reads it. Identity, dropout, and nodes that no output
//     needs are dropped.
//
// Weights are float32, float16 or float64, in the file itself; the model has
// them in float32. Names of nodes, values and tensors are the file's, made unique
// where they are not; the same file gives the same model.
//
// # The domain riffle
//
// The dynamic operators, which ONNX lacks, come as nodes of the domain "riffle",
// opset 1, with one activation x [N C H W], constants, and one output like x:
//
//	DynamicShuffle(x, w1, b1, w2, b2)                                 groups, factors, pairs
//	StaticDynamicShuffle(x, w1, b1, w2, b2, weight, gate, shift)      the same, form = 0
//	StaticDynamicShuffle(x, w1, b1, w2, b2, wa, wb, scale, shift)     the same, form = 1
//
// Attributes: groups (int, default 1), factors (two ints a, b with
// groups*a*b = C), pairs (int, 1 or groups, default 1), form (int, default 0), usual
// (pairs*(a+b) ints, may be left out). weights/FORMAT.md has the inputs' shapes and the
// meaning.
//
// # Export
//
// [Export] writes opset 13. A channel shuffle becomes a reshape, a transpose and a
// reshape, and any other permutation a Gather. The dynamic operators are written only
// with [WithCustomDomain]. Importing the file again gives a network with the same meaning.
//
// # Safety
//
// An operator or an attribute value that is not known is an [Error] that names the
// node, and so is a file that is broken. Import never panics, follows no path out of the
// file, and takes time and memory in proportion to the file's size: at most 64 MiB, and
// 256 bytes for each of the file's. All functions are safe for concurrent use.
package onnx
