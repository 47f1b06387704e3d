package kernel

// QDepthwise is the quantized [Depthwise]. It convolves each plane of uint8 with its own
// kernel of int8:
//
//	sum = Bias[c] + sum_{i,j} w[c][i*KW+j] * src(c, y*SH+i*DH-PadTop, x*SW+j*DW-PadLeft)
//	Dst[c][y*OW+x] = q(float32(sum) * Mult[c])
//
// where q is [Requant], and src is Zeros[c], the plane's zero point, outside the plane of
// H x Wid. The sum is exact, in int32, and Bias[c] includes -Zeros[c] * sum w[c].
//
// Up to SlackBytes around planes of Src may be read, and up to SlackBytes behind planes of
// Dst written. A plane of Dst belongs to one call: no other may write a part of it at the
// same time. Dst may not overlap Src.
type QDepthwise struct {
	Mem             []byte
	Src, Dst        []int32 // C plane offsets each
	W               []byte  // Set.PackQDepthwise: for each channel as many bytes
	Bias            []int32
	Mult            []float32
	Zeros           []uint8 // of the planes of Src
	C               int
	H, Wid          int // input plane
	OH, OW          int // output plane
	KH, KW          int
	SH, SW          int // strides
	DH, DW          int // dilations; 0 is 1
	PadTop, PadLeft int
	Requant
	Work []byte // of this call alone; a call that needs more puts a longer one here
}

// QDepthwiseLen returns how many bytes the packed weights of one channel of d have. It
// reads the window and the sizes of d alone, as PackQDepthwise does.
func (s *Set) QDepthwiseLen(d *QDepthwise) int { return s.qdepthwiseLen(d) }

// PackQDepthwise packs row-major weights, KH*KW of each channel, for this set. dst has
// QDepthwiseLen(d) bytes for each channel.
func (s *Set) PackQDepthwise(d *QDepthwise, dst []byte, w []int8) { s.qdepthwisePack(d, dst, w) }

// sizes is d without planes and weights.
func (d *QDepthwise) sizes() Depthwise {
	return Depthwise{
		C: d.C, H: d.H, Wid: d.Wid, OH: d.OH, OW: d.OW, KH: d.KH, KW: d.KW, SH: d.SH, SW: d.SW, DH: d.DH, DW: d.DW,
		PadTop: d.PadTop, PadLeft: d.PadLeft,
	}
}

// dh and dw are the dilations.
func (d *QDepthwise) dh() int { return max(1, d.DH) }
func (d *QDepthwise) dw() int { return max(1, d.DW) }
