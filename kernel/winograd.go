package kernel

// Winograd's algorithm computes a dense 3x3 convolution of stride 1 in tiles of M x M
// outputs, M = 2 or 4, from tiles of (M+2) x (M+2) inputs (Lavin and Gray, Fast
// Algorithms for Convolutional Neural Networks, 2015). With the matrices B, G and A of
// that paper, d a tile of one input channel and g the weights of one input and one
// output channel,
//
//	outputs = A' [ sum over input channels of (G g G') * (B' d B) ] A
//
// where ' transposes and * multiplies element by element. Each of the (M+2)^2 elements
// is a matrix product of its own over all tiles, a [GEMM]: 4 multiplications an output
// with M = 2 and 2.25 with M = 4, instead of 9. [WinogradWeights] computes G g G',
// [WinogradInput] B' d B, and [WinogradOutput] the rest.
//
// The matrices come from polynomials that are evaluated and interpolated at M+1 points and
// at infinity. For M = 2 these are the paper's: 0, 1 and -1. For M = 4 they are 0, 5/8, -5/8,
// 3/2 and -3/2, where the paper has 0, 1, -1, 2 and -2. Their powers are nearer to 1, which
// halves the rounding error, and takes as many instructions. All coefficients of A and B are
// exact in float32.
//
// An output depends on all inputs of its tile: one that is NaN or infinite makes all
// outputs NaN or infinite whose tile it is in.
//
// With C input channels, inputs of at most x and weights of at most w, of either sign, an
// output errs by at most about 9*sqrt(C)*x*w*2^-24 times 4 for M = 2, and times 12 for M = 4.
// winograd_test.go holds every set to that.

// winogradNear and winogradFar are the points for tiles of 4, beside their negatives and 0.
const winogradNear, winogradFar = 5. / 8, 3. / 2

// WinogradInput transforms tiles of input planes:
//
//	Dst[e*Step + c*Pitch + t] = (B' d B)[e/(M+2)][e%(M+2)]
//
// for e in [0, (M+2)^2), c in [0, C) and t in [0, Rows*TW), where d is tile t of channel
// c: element (i, j) of d is src(c, (Row+t/TW)*M + i - PadTop, (t%TW)*M + j - PadLeft), and
// src is zero outside the plane. Planes are float32.
//
// Planes of Src are in Mem, where their slack may be read. The elements of Dst behind
// the tiles of a row, up to Pitch, may be written. Dst and Work overlap nothing else.
// [WinogradStep] is a good Step.
type WinogradInput struct {
	Mem             []float32
	Src             []int32 // C plane offsets
	Dst             []float32
	Work            []float32 // WorkLen elements, left over
	C, H, W         int       // planes of Src
	PadTop, PadLeft int
	M               int // 2 or 4
	TW              int // tiles in a row
	Row, Rows       int // tile rows [Row, Row+Rows)
	Pitch           int // at least Rows*TW+7
	Step            int // at least C*Pitch
}

// WinogradOutput transforms products back into pixels:
//
//	Dst[c][y*OW+x] = act((A' s A)[y%M][x%M] + Bias[c] + Scale[c]*R[c][y*OW+x])
//
// for c in [0, C), y in [Row*M, min(OH, (Row+Rows)*M)) and x in [0, OW), where s is
// tile t = (y/M-Row)*TW + x/M of channel c: element e of s, row by row, is
// Src[e*Step + c*Pitch + t], and TW = ceil(OW/M).
//
// It takes every field of the epilogue. Planes are float32, in Mem. Reads of R and
// writes to Dst reach on from the last row to a multiple of 8 elements after the first.
// Dst may be R (in place). Src and Work overlap nothing else.
type WinogradOutput struct {
	Mem       []float32
	Src       []float32
	Dst       []int32   // C plane offsets
	Work      []float32 // WorkLen elements, left over
	C, OH, OW int       // planes of Dst
	M         int       // 2 or 4
	Row, Rows int       // tile rows [Row, Row+Rows)
	Pitch     int       // at least Rows*TW+7
	Step      int       // at least C*Pitch
	Epilogue
}

// WinogradElements is how many elements a transformed tile has.
func WinogradElements(m int) int { return (m + 2) * (m + 2) }

// WinogradStep is how far apart the elements' matrices of c channels should lie. As many
// elements as a tile has are read or written side by side: they must not all fall into the
// same sets of a cache, of 64 bytes each.
func WinogradStep(c, pitch int) int { return (c*pitch+15)&^15 | 16 }

// phase is how long one of the M*M planes is, in Work, of the pixels of one channel whose
// row and column have the same residues.
func (w *WinogradInput) phase() int { return roundUp8((w.Rows+1)*(w.TW+1)) + 16 }

// wideWork is how many elements of Work a call needs whose vectors have 16 tiles: those of
// the tiles, where they begin at a multiple of 64 bytes, and a few words.
func wideWork(elements int) int { return 16*elements + 16 + 8 }

// WorkLen is how many elements of Work a call needs.
func (w *WinogradInput) WorkLen() int {
	return max(w.M*w.M*w.phase()+8*WinogradElements(w.M), wideWork(WinogradElements(w.M)))
}

// tiles is how many there are in a row.
func (w *WinogradOutput) tiles() int { return (w.OW + w.M - 1) / w.M }

// pixels is how many of each plane the call computes.
func (w *WinogradOutput) pixels() int {
	return (min(w.OH, (w.Row+w.Rows)*w.M) - w.Row*w.M) * w.OW
}

// at is the first of them.
func (w *WinogradOutput) at() int { return w.Row * w.M * w.OW }

// WorkLen is how many elements of Work a call needs: those of one plane, and a few.
func (w *WinogradOutput) WorkLen() int {
	return max(w.M*w.Rows*w.OW+8*w.M+16+8*w.M*(w.M+2), wideWork(w.M*(w.M+2)))
}
