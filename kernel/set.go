package kernel

// Set is one instruction set's implementation of every kernel. The functions
// check nothing: the caller holds the contract of the argument type. Its Check
// method tells where it is broken, for tests: a plan is right by construction,
// and a check at every call would cost more than some of the kernels.
type Set struct {
	Name  string // "generic", "avx2", "neon"
	Lanes int    // float32 values in a vector register, 1 for generic

	// Int8Dot: the processor adds products of int8 four at a time (ASIMDDP). No
	// kernel uses it: those of int8 are to come, and are to be chosen by it.
	Int8Dot bool

	GEMM      func(*GEMM)
	Depthwise func(*Depthwise)
	MaxPool   func(*Pool)
	AvgPool   func(*Pool)
	Mean      func(*Mean)
	Linear    func(*Linear)
	Dots      func(*Dots)
	Phases    func(*Phases)
	Add       func(*Add)
	Affine    func(*Affine)
	Gather    func(*Gather)
	Pixels    func(*Pixels)

	tile   func(m, n int) Tile    // see TileFor
	cycles func(m, n int) float64 // see Cycles; nil: a full vector is as good as another
	peak   func() (flops int)     // see PeakGFLOPS
}
