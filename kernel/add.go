package kernel

// Add is C[c][p] = act(A[c][p] + B[c][p]) for p in [0, N). C may be A or B. Of the
// epilogue it takes Act. Planes are float32. Reads and writes reach to N rounded up
// to 8.
type Add struct {
	Mem     []float32
	A, B, C []int32 // Ch plane offsets each
	Ch, N   int
	Epilogue
}

// Affine is Dst[c][p] = act(Scale[c]*Src[c][p] + Shift[c]). nil Scale: all 1; nil
// Shift: all 0. With both nil it is the activation alone or, with the identity,
// an exact copy. Dst may be Src. Of the epilogue it takes Act: Scale and Shift
// here are its own. Planes are float32. Reads and writes reach to N rounded up to 8.
type Affine struct {
	Mem          []float32
	Src, Dst     []int32   // C plane offsets each
	Scale, Shift []float32 // C values each
	C, N         int
	Epilogue
}
