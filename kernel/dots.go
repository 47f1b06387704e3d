package kernel

// Dots is y[o] = sum_i W[o*In+i]*X[i] + Bias[o], with the same bits in every
// instruction set. Permutations are decided from it, and a decision must not depend
// on the machine. Term i is rounded and added to partial sum i mod 8. If the last
// block has fewer than eight terms, the other partial sums get +0 added. The result
// is ((s0+s4)+(s2+s6)) + ((s1+s5)+(s3+s7)), then + Bias[o]. Layout, aliasing and
// slicing are as in [Linear]. Vectors are float32. There is no epilogue.
type Dots struct {
	X, W, Bias, Y []float32
	In, Out       int
}
