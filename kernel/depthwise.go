package kernel

// Depthwise convolves each plane with its own kernel:
//
//	Dst[c][y*OW+x] = clamp(bias[c] + sum_{i,j} w[c][i*KW+j] * src(c, y*Stride+i-PadTop, x*Stride+j-PadLeft))
//
// where src is zero outside the plane of H x W. W holds, channel after
// channel, KH*KW taps and then the bias, all finite: whether a tap outside the
// plane is multiplied by zero or left out is a set's own affair. The SIMD sets have fast paths for 3x3
// and 5x5, stride 1 and 2, pad = kernel/2 and the OH, OW that go with it; the
// rest runs on the reference. The fast paths use the slack of Src and Dst and
// write a plane's pixels in ascending order, some of them more than once: a
// plane is one call's, never split over two. Dst may not overlap Src.
type Depthwise struct {
	Mem             []float32
	Src, Dst        []int32 // C plane offsets each
	W               []float32
	C               int
	H, Wid          int // input plane
	OH, OW          int // output plane
	KH, KW          int
	Stride          int
	PadTop, PadLeft int
	Masks           []float32 // DepthwiseMasks(...), made when planning; nil: reference
	Lo, Hi          float32
}
