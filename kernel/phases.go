package kernel

// Phases cuts planes into the planes of pixels that share a residue of rows and
// columns, with zero padding around, so that a strided convolution reads contiguous
// pixels. With Residues[r] = {py, px}:
//
//	Dst[c*len(Residues) + r][y*PW + x] = src(c, y*SH+py-PadTop, x*SW+px-PadLeft)
//
// for y in [0, PH), x in [0, PW), zero outside the plane. With stride 1 it is the
// zero-padded copy. A negative PadLeft leaves the first columns out. A plane whose
// entry in Dst is negative is not written.
//
// Planes are float32, and the result is exact. Dst's planes have PH*PW pixels; what
// follows them may be written up to Slack. Src's planes are in From, outside of which
// nothing is read, or, where that is nil, in Mem.
type Phases struct {
	Mem, From       []float32
	Src             []int32 // C
	Dst             []int32 // C*len(Residues)
	Residues        []Residue
	C               int
	H, W            int
	PH, PW          int
	SH, SW          int
	PadTop, PadLeft int
}

// Residue is the row and the column of a pixel, modulo the stride.
type Residue struct{ Y, X int }
