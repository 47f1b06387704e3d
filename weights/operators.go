package weights

// The operators of version 1.0: what [Node].Op may be. Shapes are those of one sample.
// FORMAT.md has the formula, the attributes' limits and the defaults of each.
const (
	// OpConv is a convolution: dense, grouped, pointwise or depthwise. Attributes
	// kernel [kh kw], stride [sh sw], dilation [dh dw], pad [top left bottom right],
	// groups [g]. Tensors weight [O C/g kh kw], bias [O] (optional).
	OpConv = "conv"
	// OpAffine is scale[c]*x[c] + shift[c]: a batch norm that no convolution could
	// absorb. Tensors scale [C], shift [C].
	OpAffine = "affine"
	// OpReLU is max(x, 0). NaN stays NaN.
	OpReLU = "relu"
	// OpReLU6 is min(max(x, 0), 6). NaN stays NaN.
	OpReLU6 = "relu6"
	// OpAdd is the sum of two inputs of the same shape.
	OpAdd = "add"
	// OpConcat joins the channels of one input or more.
	OpConcat = "concat"
	// OpSplit cuts the channels into consecutive outputs. Attribute sizes [c0 c1 ...].
	OpSplit = "split"
	// OpSlice keeps channels start, start+step, ... below stop. Attribute range
	// [start stop step].
	OpSlice = "slice"
	// OpShuffle permutes channels by a fixed table: y[c] = x[perm[c]]. Attribute perm
	// [C values], a permutation.
	OpShuffle = "shuffle"
	// OpMaxPool is the maximum over windows. Attributes kernel, stride and pad as of
	// OpConv, ceil [0 or 1].
	OpMaxPool = "maxpool"
	// OpAvgPool is the mean over windows. Attributes as of OpMaxPool, and countpad [0 or
	// 1]: whether the padding counts in the divisor.
	OpAvgPool = "avgpool"
	// OpGlobalAvgPool is the mean over all pixels: [C H W] to [C 1 1].
	OpGlobalAvgPool = "gap"
	// OpFlatten turns [C H W] into the vector [C*H*W].
	OpFlatten = "flatten"
	// OpLinear is W x + b of a vector. Tensors weight [O N], bias [O] (optional).
	OpLinear = "linear"
	// OpSoftmax is the softmax of a vector.
	OpSoftmax = "softmax"
	// OpDynamicShuffle permutes channels by a permutation computed from the input.
	// Attributes groups [g], factors [a b] with a*b*g = C, pairs [1 or g]. Tensors w1
	// [h C], b1 [h], w2 [pairs*(a*a+b*b) h], b2 [pairs*(a*a+b*b)]. The attribute usual
	// [pairs*(a+b) values] is optional and changes no result: what the node chose most
	// often on its training data, sigma then tau of each pair.
	OpDynamicShuffle = "dynamicshuffle"
	// OpStaticDynamicShuffle stands in for a square pointwise convolution. Attributes and
	// tensors of OpDynamicShuffle, and form [0] (grouped: tensors weight [C C/g], gate
	// [C], shift [C]) or form [1] (kronecker: tensors wa [pairs a a], wb [pairs b b],
	// scale [C], shift [C]).
	OpStaticDynamicShuffle = "staticdynamicshuffle"
)
