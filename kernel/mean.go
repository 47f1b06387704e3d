package kernel

// Mean is the mean over each plane's N pixels (global average pooling), with the
// same bits in every instruction set, because permutations are decided from it.
// Pixel p is added to partial sum p mod 8. The sum is ((s0+s4)+(s2+s6)) +
// ((s1+s5)+(s3+s7)) in float32, and Dst[c] is that times float32(1/N). Planes are
// float32, and their slack may be read. There is no epilogue.
type Mean struct {
	Mem []float32
	Src []int32   // C plane offsets
	Dst []float32 // C values, not in a plane
	C   int
	N   int
}
