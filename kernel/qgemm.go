package kernel

// QGEMM is the quantized [GEMM]: it multiplies packed weights of int8 by pixels of uint8
// that are read through a table, and requantizes each output in the same pass:
//
//	C[m][p] = q(float32(Bias[m] + sum_k a[m,k]*B[k][p]) * Mult[m])
//
// for m in [0, M), p in [0, N), where q is [Requant], B[k][p] is Mem[B[k]+BOff+p], and
// likewise C with its own offset. The sum is exact, in int32. The zero points of B are in
// it: Bias[m] includes -sum_k a[m,k]*zero[k]. It is the pointwise convolution, and,
// through a table of shifted planes that [PhasesBytes] has padded with the zero point,
// every other dense one.
//
// With a residual, each step rounded to float32 and nothing fused:
//
//	C[m][p] = q(float32(sum)*Mult[m] + float32(R[m][p]-RZero[m])*RMult[m])
//
// With Floats the result is not rounded to an integer and not clamped: it is what q would
// take, and goes to Floats[C[m]+COff+p].
//
// Up to SlackBytes behind the planes of B and R may be read. Writes to C reach to N rounded
// up to 16 elements, writes to Floats to N. C may not overlap B. C may be R (in place).
// Whoever cuts a call up begins its parts at output channels that are multiples of
// Set.QRows and at pixels that are multiples of Set.QPixels.
type QGEMM struct {
	Mem        []byte
	Floats     []float32 // nil: C is in Mem
	A          []byte    // Set.PackQGEMM
	B          []int32   // K plane offsets
	C          []int32   // M plane offsets
	BOff, COff int       // added to every entry of the table
	M, K, N    int
	Bias       []int32   // M values
	Mult       []float32 // M values
	Requant

	R     []int32 // M plane offsets in Mem; nil: no residual
	ROff  int
	RZero []uint8   // M values
	RMult []float32 // M values; they may be negative

	Work []byte // of this call alone; a call that needs more puts a longer one here
}

// QGEMMLen returns how many bytes the packed weights of m output channels of depth k
// have. Those of the channels from a multiple of QRows on begin at QGEMMLen(that, k).
func (s *Set) QGEMMLen(m, k int) int { return s.qgemmLen(m, k) }

// PackQGEMM packs row-major weights w, m rows of k values, for this set. dst has
// QGEMMLen(m, k) bytes.
func (s *Set) PackQGEMM(dst []byte, w []int8, m, k int) { s.qgemmPack(dst, w, m, k) }
