package kernel

// QPool is the quantized [Pool]. Windows and pixels outside the plane are as there. The
// maximum is that of the elements, which is the real numbers' because a plane has one
// scale: Dst means what Src means, and Requant, Zeros and Mult are not read. The mean is
//
//	Dst[c][y*OW+x] = q(float32(sum - inside*Zeros[c]) * (Mult[c] / float32(n)))
//
// where q is [Requant], sum is that of the elements of the window inside the plane, of
// which there are inside, and n is KH*KW if CountPad is set, else inside. The sum is exact
// and the quotient is rounded to float32. Mult[c] is the source's scale over the output's.
//
// Slack and sharing are as in [QDepthwise].
type QPool struct {
	Mem             []byte
	Src, Dst        []int32 // C plane offsets each
	C               int
	H, W            int // input plane
	OH, OW          int // output plane
	KH, KW, SH, SW  int // window, strides
	PadTop, PadLeft int
	CountPad        bool
	Zeros           []uint8   // of the planes of Src, for a mean
	Mult            []float32 // for a mean
	Requant
	Work []byte // of this call alone; a call that needs more puts a longer one here
}
