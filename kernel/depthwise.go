package kernel

// Depthwise convolves each plane with its own kernel:
//
//	Dst[c][y*OW+x] = act(bias[c] + sum_{i,j} w[c][i*KW+j] * src(c, y*SH+i*DH-PadTop, x*SW+j*DW-PadLeft))
//
// where src is zero outside the plane of H x Wid. W has the taps and the biases as
// [PackDepthwise] packs them, all finite: a set is free to multiply a tap outside
// the plane by zero or to leave it out. The SIMD sets have units for 3x3 and 5x5,
// stride 1 and 2, pad = kernel/2 and the OH, OW that go with it (avx512 also for 7x7 with
// stride 1), and one for any other window of up to 4096 taps of which most is not
// padding. All else runs on the reference.
//
// Of the epilogue it takes Act. Planes are float32.
//
// A unit uses the slack of Src and Dst, and writes some pixels more than once, so
// that a plane belongs to one call: no other may write a part of it at the same
// time. Dst may not overlap Src.
type Depthwise struct {
	Mem             []float32
	Src, Dst        []int32 // C plane offsets each
	W               []float32
	C               int
	H, Wid          int // input plane
	OH, OW          int // output plane
	KH, KW          int
	SH, SW          int // strides
	DH, DW          int // dilations; 0 is 1
	PadTop, PadLeft int
	Masks           []float32 // the set's DepthwiseMasks, made once when planning; nil: reference
	Work            []float32 // of this call alone; a call that needs more puts a longer one here
	Epilogue
}

// dh and dw are the dilations.
func (d *Depthwise) dh() int { return max(1, d.DH) }
func (d *Depthwise) dw() int { return max(1, d.DW) }

// PackDepthwise packs the weights of a depthwise convolution of c channels. taps
// has KH*KW values for each channel, row-major; bias has one, or is nil for all 0.
// dst receives, channel after channel, the taps and then the bias: its length is
// that of taps plus c. Channels [lo, hi) of it are the weights of a call on those
// channels alone.
func PackDepthwise(dst, taps, bias []float32, c int) {
	n := len(taps) / c
	for i := range c {
		to := dst[i*(n+1) : (i+1)*(n+1)]
		copy(to, taps[i*n:(i+1)*n])
		to[n] = 0
		if bias != nil {
			to[n] = bias[i]
		}
	}
}
