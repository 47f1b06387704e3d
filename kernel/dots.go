package kernel

// Dots is y[o] = sum_i W[o*In+i]*X[i] + Bias[o] with the same bits in every
// instruction set: term i is rounded and added to partial sum i mod 8 (in a last
// block of fewer than eight terms the other partial sums get +0 added); then
// ((s0+s4)+(s2+s6)) + ((s1+s5)+(s3+s7)), then + Bias[o]. Permutations are decided from it: a decision
// must not depend on the machine. Layout, aliasing and slicing as in [Linear].
type Dots struct {
	X, W, Bias, Y []float32
	In, Out       int
}
