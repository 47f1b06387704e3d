package kernel

// Phases cuts planes into the StrideH x StrideW planes of pixels that share a residue, with
// zero padding around, so that a strided convolution reads contiguous pixels:
//
//	Dst[c*SH*SW + py*SW + px][y*PW + x] = src(c, y*SH+py-PadTop, x*SW+px-PadLeft)
//
// for y in [0, PH), x in [0, PW), zero outside the plane. With stride 1 it is
// the zero-padded copy. A negative PadLeft leaves the first columns out. A negative entry of Dst: that phase is not wanted.
// Exact. Dst's planes have PH*PW pixels; what follows them may be written up
// to Slack. Src's planes are in From, outside of which nothing is read, or, where
// that is nil, in Mem.
type Phases struct {
	Mem, From       []float32
	Src             []int32 // C
	Dst             []int32 // C*SH*SW
	C               int
	H, W            int
	PH, PW          int
	SH, SW          int
	PadTop, PadLeft int
}
