package kernel

// Set is one instruction set's implementation of every kernel. The functions
// check nothing: the caller holds the contract of the argument type. Its Check
// method tells where it is broken, for tests: a plan is right by construction,
// and a check at every call would cost more than some of the kernels.
type Set struct {
	Name  string // "generic", "avx2", "neon"
	Lanes int    // float32 values in a vector register, 1 for generic

	// What a planner cuts work by.
	Tiles      []Tile // that GEMM takes
	StoreLanes int    // a GEMM's last store of a row reaches to a multiple of so many pixels
	PixelCut   int    // parts of a GEMM should begin at multiples of so many pixels: its widest strip
	LinearRows int    // outputs that Linear computes together: parts should begin at a multiple

	GEMM        func(*GEMM)
	Depthwise   func(*Depthwise)
	MaxPool     func(*Pool)
	AvgPool     func(*Pool)
	Mean        func(*Mean)
	Linear      func(*Linear)
	Dots        func(*Dots)
	Phases      func(*Phases)
	Add         func(*Add)
	Affine      func(*Affine)
	Gather      func(*Gather)
	GatherBytes func(*GatherBytes)

	tile   func(m, n int) Tile    // see TileFor
	cycles func(m, n int) float64 // see Cycles; nil: a full vector is as good as another
	peak   func() (flops int)     // see PeakGFLOPS
}
