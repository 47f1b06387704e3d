package kernel

// Linear is y = W x + b on vectors:
//
//	Y[o] = clamp(Bias[o] + sum_i W[o*In+i]*X[i])
//
// W is row-major, Out x In, not packed. Reads stay inside W, X and Bias.
// X and Y do not overlap. A range of outputs is computed by slicing W, Bias
// and Y: same bits.
type Linear struct {
	X, W, Bias, Y []float32
	In, Out       int
	Lo, Hi        float32
}
