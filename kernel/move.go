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

// Add is C[c][p] = clamp(A[c][p] + B[c][p]) for p in [0, N). C may be A or B.
// Reads and writes reach to N rounded up to 8.
type Add struct {
	Mem     []float32
	A, B, C []int32 // Ch plane offsets each
	Ch, N   int
	Lo, Hi  float32
}

// Affine is Dst[c][p] = clamp(Scale[c]*Src[c][p] + Shift[c]). nil Scale: all 1;
// nil Shift: all 0 (with both nil it is the activation alone, or with no clamp an
// exact copy). Dst may be Src. Reads and writes reach to N rounded up to 8.
type Affine struct {
	Mem          []float32
	Src, Dst     []int32 // C plane offsets each
	Scale, Shift []float32
	C, N         int
	Lo, Hi       float32
}

// Gather materialises a table: plane Dst+c*Pitch receives the N pixels of plane
// Src[c], exactly. Out is not the arena: it is the caller's memory, contiguous
// planes of Pitch elements, of which exactly N each are written.
type Gather struct {
	Mem   []float32
	Src   []int32 // C plane offsets
	Out   []float32
	C, N  int
	Pitch int
}

// Pixels permutes channels inside each pixel of an NHWC tensor: Dst[p*C+c] =
// Src[p*C+Perm[c]]. Exact; no slack; Dst and Src do not overlap.
type Pixels struct {
	Src, Dst []float32
	Perm     []int32 // C values in [0, C)
	C, N     int     // channels, pixels
}
