package kernel

// Pool is a windowed maximum or mean over each plane. Output pixel (y, x)
// covers input rows y*SH-PadTop .. +KH-1 and columns x*SW-PadLeft .. +KW-1, of
// which those outside the plane count as -Inf (max) or 0 (mean). The mean
// divides by KH*KW if CountPad, else by the number of covered pixels inside
// the plane. A NaN in the window is a NaN in the maximum. Every window covers at
// least one pixel of the plane. Slack rules as in Depthwise.
type Pool struct {
	Mem             []float32
	Src, Dst        []int32 // C plane offsets each
	C               int
	H, W            int
	OH, OW          int
	KH, KW, SH, SW  int
	PadTop, PadLeft int
	CountPad        bool
	Masks           []float32 // as in Depthwise; nil: reference
}

// Mean is the mean over each plane's N pixels (global average pooling):
// Dst[c] = (sum of Mem[Src[c]+p]) / N, in one fixed order of summation that is the
// same in every instruction set: 8 partial sums, pixel p into sum p mod 8, then
// ((s0+s4)+(s2+s6))+((s1+s5)+(s3+s7)), in float32; then times float32(1/N).
// The same bits everywhere, because permutations are decided from it.
type Mean struct {
	Mem []float32
	Src []int32   // C plane offsets
	Dst []float32 // C values, not in a plane
	C   int
	N   int
}
