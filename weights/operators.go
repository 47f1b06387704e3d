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
	// OpReLU is max(x, 0). It propagates NaN.
	OpReLU = "relu"
	// OpReLU6 is min(max(x, 0), 6). It propagates NaN.
	OpReLU6 = "relu6"
	// OpAdd is the sum of two inputs, see OpMul.
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
	// OpGlobalSum is the sum over all pixels: [C H W] to [C 1 1].
	OpGlobalSum = "gsum"
	// OpFlatten turns [C H W] into the vector [C*H*W].
	OpFlatten = "flatten"
	// OpLinear is W x + b of a vector. Tensors weight [O N], bias [O] (optional).
	OpLinear = "linear"
	// OpMatMul is the matrix product of two inputs, for each group of their channels. The
	// planes of a group are the rows of its matrix, or its columns. Attributes groups [g],
	// columnsa [0 or 1], columnsb [0 or 1].
	OpMatMul = "matmul"
	// OpSoftmax is the softmax of a vector, or of each plane.
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
	// OpSigmoid is 1/(1+exp(-x)).
	OpSigmoid = "sigmoid"
	// OpHardSigmoid is min(max(alpha*x+beta, 0), 1). Tensors alpha [1], beta [1].
	OpHardSigmoid = "hardsigmoid"
	// OpSiLU is x/(1+exp(-x)), also called swish.
	OpSiLU = "silu"
	// OpHardSwish is x*min(max(x+3, 0), 6)/6.
	OpHardSwish = "hardswish"
	// OpMish is x*tanh(log(1+exp(x))).
	OpMish = "mish"
	// OpTanh is the hyperbolic tangent.
	OpTanh = "tanh"
	// OpGELU is x/2*(1+erf(x/sqrt(2))), or with the attribute tanh [1] the approximation
	// of that by a tanh.
	OpGELU = "gelu"
	// OpLeakyReLU is x where x is not negative, else slope*x. Tensor slope [1].
	OpLeakyReLU = "leakyrelu"
	// OpPReLU is OpLeakyReLU with a slope for each channel. Tensor slope [C].
	OpPReLU = "prelu"
	// OpELU is x where x is not negative, else alpha*(exp(x)-1). Tensor alpha [1].
	OpELU = "elu"
	// OpClip is min(max(x, min), max). Tensors min [1], max [1] (both optional).
	OpClip = "clip"
	// OpLogSoftmax is the logarithm of the softmax of a vector, or of each plane.
	OpLogSoftmax = "logsoftmax"
	// OpMul, OpSub, OpDiv, OpMin and OpMax are arithmetic on two inputs, or on one input and
	// the tensor value. OpAdd is the sum. A dimension of 1 goes with any length of the
	// other's.
	OpMul = "mul"
	OpSub = "sub"
	OpDiv = "div"
	OpMin = "min"
	OpMax = "max"
	// OpGlobalMaxPool is the maximum over all pixels: [C H W] to [C 1 1].
	OpGlobalMaxPool = "gmp"
	// OpErf, OpSoftplus, OpExp, OpSqrt, OpAbs and OpReciprocal are functions of single
	// elements that seldom stand alone: the error function, log(1+exp(x)), exp(x), the
	// square root, |x| and 1/x.
	OpErf        = "erf"
	OpSoftplus   = "softplus"
	OpExp        = "exp"
	OpSqrt       = "sqrt"
	OpAbs        = "abs"
	OpReciprocal = "reciprocal"
	// OpRearrange takes elements in the order of a counter with strides, which is what a
	// chain of reshapes, transposes and slices does. Attributes shape, of the result; dims
	// and strides, one for each digit; offset [0 or more]. Or shape, index and run.
	OpRearrange = "rearrange"
	// OpPad puts rows and columns around planes, and channels before and behind them.
	// Attributes pad [top left bottom right], channels [front back], mode [0 constant, 1
	// reflect, 2 edge]. Tensor value [1] (optional).
	OpPad = "pad"
	// OpLayerNorm makes the mean of each pixel's channels 0 and their variance 1, or those of
	// a vector's elements, then scales and shifts each channel. Tensors scale [C], shift
	// [C], epsilon [1].
	OpLayerNorm = "layernorm"
	// OpGroupNorm is the same for all pixels of each group of channels together. Attribute
	// groups [g]; tensors of OpLayerNorm.
	OpGroupNorm = "groupnorm"
	// OpResize makes planes of another size. Attributes size [OH OW], mode [0 nearest, 1
	// linear], coordinates [0 half pixel, 1 asymmetric, 2 corners on corners], round [0
	// floor, 1 half down, 2 ceil, 3 half up], of mode 0.
	OpResize = "resize"

	// The operators of version 1.1 compute with elements of 8 bits. Node.Quant says what
	// those of their results mean.
	//
	// OpQuantize makes a value of 8 bits of one of float32, OpDequantize one of float32.
	OpQuantize   = "quantize"
	OpDequantize = "dequantize"
	// OpQConv is OpConv of a quantized input, with an optional second input that is added.
	// Attributes of OpConv, and clamp [lo hi]. Tensors weight i8 [O C/g kh kw], scale [O],
	// bias [O] (optional). Without Quant, its result is float32.
	OpQConv = "qconv"
	// OpQLinear is OpLinear of a quantized vector. Attribute clamp; tensors weight i8 [O N],
	// scale [O], bias [O] (optional). Without Quant, its result is float32.
	OpQLinear = "qlinear"
	// OpQAdd is the sum of two quantized values of one shape. Attribute clamp.
	OpQAdd = "qadd"
	// OpQMul is the product of a quantized [C H W] and a [C 1 1] of float32. Attribute clamp.
	OpQMul = "qmul"
	// OpQAvgPool is OpAvgPool of a quantized input. Attributes of it, and clamp.
	OpQAvgPool = "qavgpool"
	// OpQLookup is a table of what to put in each element's place. Tensor table u8 [256].
	OpQLookup = "qlookup"
	// OpQStaticDynamicShuffle is OpStaticDynamicShuffle, form 0, of a quantized input.
	// Attributes of it and clamp; tensors of it, with weight i8, and scale [C].
	OpQStaticDynamicShuffle = "qstaticdynamicshuffle"
)
