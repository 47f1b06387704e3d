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
// times slower: to measure on any machine what it does to a model. With any other set, or on a
// processor without, loading fails with [ErrOption].
//
// Values of 65520 and more become infinite.
func WithHalfArithmetic() Option {
	return func(o *options) error { o.halves = true; return nil }
}
