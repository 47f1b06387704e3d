// Package onnx turns ONNX files into [weights.Model] and back. It is the edge of
// the house: nothing else knows ONNX.
//
// # Import
//
// [Import] reads what torch.onnx.export of PyTorch 1.13 and 2.x writes, opset 11
// to 21 (7 to 25 are tried: what is the same there works), with constants folded or not:
//
//   - batch norms, and products and sums with constants per channel, are folded
//     into the convolution or linear layer before them if nothing else reads that
//     one's result; else they become one affine node;
//   - shape arithmetic is evaluated and disappears. The batch dimension may be open
//     or fixed, of any size: a model describes one sample. Height and width must be
//     fixed, or given by [WithInputSize];
//   - any chain of reshapes, transposes, selections and stackings that in the end
//     only permutes channels becomes one shuffle with an explicit table, whatever
//     convention it follows; one that also drops channels becomes a slice, or a
//     shuffle and a slice; one that changes nothing disappears. A chain that moves
//     pixels is an error;
//   - splits, slices and concats of channels stay; zero padding goes into the
//     convolution or pool that reads it; identity, dropout and what no output needs
//     are dropped.
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
// groups*a*b = C), pairs (int, 1 or groups, default 1), form (int, default 0),
// usual (pairs*(a+b) ints, may be left out). The inputs' shapes and the meaning are those of weights/FORMAT.md.
//
// # Export
//
// [Export] writes opset 13: a channel shuffle as reshape, transpose, reshape, any
// other table as a Gather; the dynamic operators only by [WithCustomDomain].
// Importing the file again gives a network with the same meaning.
//
// # Safety
//
// An operator or attribute value that is not known, and a file that is broken,
// is an [Error] that names the node. Import never panics, follows no path out of
// the file, and works in time and memory that are in proportion to the file's
// size: 64 MiB and 256 bytes for each of the file's, at the very most. All functions are safe for concurrent use.
package onnx
