package kernel

// Phases copies planes so that a strided, padded convolution reads contiguous
// pixels. It cuts each plane into phases, planes of the pixels whose row and column
// have the same residue by the stride, with zero padding around. With
// Residues[r] = {py, px}:
//
//	Dst[c*len(Residues) + r][y*PW + x] = src(c, y*SH+py-PadTop, x*SW+px-PadLeft)
//
// for y in [0, PH), x in [0, PW), where src is zero outside the plane. With stride
// 1 it is the zero-padded copy. A negative PadLeft leaves the first columns out.
// Exact. Planes are float32.
//
// A phase whose entry of Dst is negative is not written. Planes of Dst have PH*PW
// pixels, and the slack behind them may be written. Planes of Src are in From, of
// which nothing else is read, or, where From is nil, in Mem, where their slack may
// be read.
type Phases struct {
	Mem, From       []float32
	Src             []int32 // C plane offsets
	Dst             []int32 // C*len(Residues) plane offsets
	Residues        []Residue
	C               int
	H, W            int // planes of Src
	PH, PW          int // planes of Dst
	SH, SW          int // strides
	PadTop, PadLeft int
}

// Residue is the row and the column of a pixel, modulo the stride.
type Residue struct{ Y, X int }
