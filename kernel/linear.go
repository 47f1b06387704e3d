package kernel

// Linear is y = W x + b on vectors:
//
//	Y[o] = act(Bias[o] + sum_i W[o*In+i]*X[i])
//
// W is row-major, Out x In, not packed. Of the epilogue it takes Bias and Act.
// Vectors are float32. Reads stay inside W, X and Bias. X and Y do not overlap. A
// range of outputs is computed by slicing W, Bias and Y: same bits.
type Linear struct {
	X, W, Y []float32
	In, Out int
	Epilogue
}
