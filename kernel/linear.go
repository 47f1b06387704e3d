package kernel

// Linear is y = W x + b on vectors:
//
//	Y[o] = act(Bias[o] + sum_i W[o*In+i]*X[i])
//
// W is row-major, Out x In, not packed. Or Half is W in IEEE binary16, each value of
// which is converted as it is read: the same bits as converting first, and half the
// bytes, which is what a large matrix costs. Then W is nil and In a multiple of 8, and
// only a set whose [Set.Halves] says so takes it. Of the epilogue it takes Bias and Act.
// Vectors are float32. Reads stay inside W, Half, X and Bias. X and Y do not overlap. A
// range of outputs is computed by slicing W, Half, Bias and Y: same bits.
type Linear struct {
	X, W, Y []float32
	Half    []uint16
	In, Out int
	Epilogue
}
