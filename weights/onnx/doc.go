// Package onnx turns ONNX files into [weights.Model] and back. Nothing else in this
// module knows ONNX, and this package knows nothing of how a network runs.
//
// # Import
//
// [Import] reads what torch.onnx.export of PyTorch 1.13 and 2.x writes, by its older
// exporter and by the newer one, and what other exporters write with the same operators.
// The opsets 11 to 21 are tested in every form; 1 to 25 are tried, and older forms are read
// where they have one meaning.
//
//   - A batch norm, or a product or sum with a constant per channel, is folded into
//     the convolution or linear layer before it, if nothing else reads that layer's
//     result. Otherwise it becomes an affine node.
//   - Arithmetic on shapes and on constants is evaluated and disappears, and so does an
//     If whose condition is known, and a call of one of the file's own functions. The
//     batch dimension may be open or fixed, of any size, because a model describes one
//     sample. Height and width must be fixed, or given by [WithInputSize].
//   - An activation that is written in parts, such as a product with a sigmoid, becomes
//     one node.
//   - A chain of reshapes, transposes, selections and stackings that in the end only
//     permutes channels becomes one shuffle with an explicit table, whatever
//     convention it follows. A chain that also drops channels becomes a slice, or a
//     shuffle and a slice. A chain that changes nothing disappears, and one in front of a
//     linear layer goes into its weights. An activation or a sum between such chains is
//     computed before them. Any other chain that moves pixels becomes a rearrange.
//   - Splits, slices and concats of channels stay. Zero padding goes into the
//     convolution or pool that reads it; any other padding becomes a pad. A mean over all pixels is a global average
//     pool, in whatever steps and order it is taken. Sums, means, maxima and norms over any
//     other axes, and a softmax over any axis, move elements where they must. Identity, dropout, and nodes that
//     no output needs are dropped.
//   - A product of two activations is a matmul node, whichever way the matrices lie. Windows that
//     stand in the batch's place of a file for one sample are channels in groups. Rows of pixels, [N C L], are images
//     of one row.
//   - An output of another number of dimensions than a model's values have becomes [C H W], its elements in their order.
//   - An input of images in NHWC, as TensorFlow and Keras have it, is an error unless
//     [WithChannelsLast] asks for a model of NCHW.
//
// Weights are floating-point numbers of 16 to 64 bits, or integers behind a
// DequantizeLinear; the model has them in float32. They may lie in the file, or, for
// [ReadFile], in other files beside it. Activations are float32: a Cast of them to 16
// bits is an error unless [WithWiderCasts] asks for the more exact result. Names of nodes, values and tensors are the file's, made unique
// where they are not; the same file gives the same model.
//
// A quantized model is read in the form of QuantizeLinear and DequantizeLinear (QDQ), as
// ONNX Runtime's quantizer and PyTorch write it, with one scale for an activation and one
// for each output channel of a weight. Layers and functions of single elements between the
// two become quantized operators, dynamic and static-dynamic shuffles too, and a convolution
// adds a quantized value that is added to its result before anything rounds it. What else
// stands there stays float32. Export writes quantized models in the same form. Operators that
// compute with integers (QLinearConv and the like, the format QOperator) mean the same, and
// become the same. Those whose scales are found at run time (DynamicQuantizeLinear,
// ConvInteger, MatMulInteger) are not read.
//
// All that is not supported in a file is listed at once: see [Errors].
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
// [Export] writes opset 13, and a quantized network as QDQ. A channel shuffle becomes a reshape, a transpose and a
// reshape, and any other permutation a Gather. The dynamic operators are written only
// with [WithCustomDomain]. Importing the file again gives a network with the same meaning.
//
// # Safety
//
// An operator or an attribute value that is not known is an [Error] that names the
// node, and so is a file that is broken. Import never panics. It opens no other file;
// ReadFile opens those that hold weights, if they lie in the model's directory or below
// it. Time and memory are in proportion to the file's size: at most 64 MiB, and 256 bytes
// for each byte of the file and of its weights. All functions are safe for concurrent use.
package onnx
