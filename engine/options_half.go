package engine

// WithHalfArithmetic computes convolutions in float16 arithmetic, which does twice as many
// multiply-adds at a time, wherever that is a product of at least 16 output channels: the
// pointwise ones, and those that run by way of im2col. Weights and pixels are rounded to
// float16, 16 products at a time are summed in float16, and those sums in float32.
// Everything else stays as it is, and so do activations in memory, which are float32. A
// quantized convolution has no use for it. Default: float32.
//
// It is for arm64 processors that have FEAT_FP16 (Armv8.2 and later: asimdhp in
// /proc/cpuinfo). The set generic emulates it, with the same bits in these layers, many
// times slower: to measure on any machine what it does to a model. With any other set, or
// on a processor without, loading fails with [ErrOption].
//
// The error: package kernel's HalfGEMM bounds that of each product. Of the models built
// in, with the permutations that float32 chooses, logits are off by at most 0.9 % of their
// root mean square: cifar10 by 0.015 (first 300 pictures of its test set) and cifar100 by
// 0.010 (100). No picture changes its class. A dynamic shuffle
// may choose another permutation where two are nearly as good: cifar100 did so for one of
// the 100, whose logits then are off by up to 1.1. Measured, a model at a time, by
//
//	RIFFLE_DATA=DIR go test -v -run HalfArithmeticReal/NAME ./engine -half.pictures N
//
// Pixels of 65520 and more, and sums of 16 products as large, become infinite: a network
// with such values is not for this option.
func WithHalfArithmetic() Option {
	return func(o *options) error { o.halves = true; return nil }
}
