package kernel

import (
	"fmt"
	"math"
)

// HalfBlock is how many products a [HalfGEMM] sums in binary16 before the sum goes to a
// float32.
const HalfBlock = 16

// HalfGEMM is a [GEMM] whose products and first sums are IEEE binary16 (float16):
//
//	C[m][p] = act(Scales[m]*sum + Bias[m] + Scale[m]*R[m][p])
//
// for m in [0, M), p in [0, N). A pixel B[k][p] is rounded to binary16 as it is read;
// weights are binary16, the row m of them divided by Scales[m]. Steps of depth k come in
// blocks of [HalfBlock], the last one shorter. Of a block the first product is rounded,
// and each further one added with one rounding. The block's sum is added to sum, which
// is float32 and begins at 0. Then sum is multiplied by Scales[m], and Bias[m] is added;
// the residual as in a GEMM, but with one rounding. All roundings are to nearest, ties
// to even, and subnormal numbers are kept. So every set has the same bits, but for an
// activation above [Clamp].
//
// A pixel of 65520 and more becomes infinite, and so does a block's sum. Without these
// the error of an output, before the activation, is at most
//
//	|Scales[m]| * sum_k ((HalfBlock+2) * 2^-11 * |a[m,k]*B[k][p]| + 2^-25 * (|B[k][p]|+2))
//
// to the first order: the second term is for numbers below 2^-14, which are subnormal.
//
// It takes every field of the epilogue. Planes are float32, and lie as a GEMM's do: reads
// of B and R and writes to C reach to N rounded up to 8 elements. C may not overlap B. C
// may be R.
type HalfGEMM struct {
	Mem        []float32
	A          []uint16  // PackHalfGEMM(..., M, K)
	Scales     []float32 // M values, by PackHalfGEMM
	B          []int32   // K plane offsets
	C          []int32   // M plane offsets
	BOff, COff int       // elements, added to every entry of the table
	M, K, N    int

	// Panel is room for a copy of some strips of B, in binary16: see
	// [Set.HalfPanelLen]. It overlaps nothing else, what it holds is left over, and calls
	// at the same time have one each. nil, or any length, gives the same bits; a set that
	// asks for one is as slow as the reference without.
	Panel []float32
	Epilogue
}

const (
	// HalfRows is the number of output channels of a packed tile of a [HalfGEMM]: a part
	// of its rows begins at a multiple of it.
	HalfRows = 4
	// HalfCols is the number of pixels of the widest strip: parts of the pixels should
	// begin at multiples of it.
	HalfCols = 16
)

// HalfPackedLen returns the length of A for a [HalfGEMM] of m rows and depth k.
func HalfPackedLen(m, k int) int { return (m + HalfRows - 1) / HalfRows * HalfRows * k }

// PackHalfGEMM packs row-major weights w, m rows of k values, for a [HalfGEMM]. Each row
// is divided by a power of two, which goes to scales, so that its largest magnitude is
// from 0.5 to 1, and rounded to binary16. Tiles of [HalfRows] output channels follow one
// another, the last one filled up with rows of 0, k-major inside. dst has
// [HalfPackedLen] elements, scales m; neither overlaps w.
func PackHalfGEMM(dst []uint16, scales, w []float32, m, k int) {
	clear(dst[(m-1)/HalfRows*HalfRows*k:])
	for i := range m {
		row := w[i*k:][:k]
		scale := halfScale(row)
		scales[i] = float32(scale)
		tile := dst[i/HalfRows*HalfRows*k+i%HalfRows:]
		for j, v := range row {
			tile[j*HalfRows] = halfBits(roundHalf(float64(v) / scale))
		}
	}
}

// halfScale is the power of two above the largest magnitude of row, or 1 if there is
// none.
func halfScale(row []float32) float64 {
	most := 0.0
	for _, v := range row {
		most = max(most, math.Abs(float64(v)))
	}
	if most == 0 || most-most != 0 {
		return 1
	}
	_, exp := math.Frexp(most)
	return math.Ldexp(1, min(exp, 127)) // 2^128 is no float32
}

// Check tells where g breaks the contract, or returns nil.
func (g *HalfGEMM) Check() error {
	const name = "halfgemm"
	if err := positive(name, "M", g.M, "K", g.K, "N", g.N); err != nil {
		return err
	}
	if want := HalfPackedLen(g.M, g.K); len(g.A) != want {
		return fmt.Errorf("%s: A has %d values, wanted %d", name, len(g.A), want)
	}
	if len(g.Scales) != g.M {
		return fmt.Errorf("%s: Scales has %d values, wanted %d", name, len(g.Scales), g.M)
	}
	return g.planes().checkPlanes(name)
}

// planes is a GEMM without weights that has the planes, the panel and the epilogue of g.
func (g *HalfGEMM) planes() *GEMM {
	return &GEMM{
		Mem: g.Mem, B: g.B, C: g.C, BOff: g.BOff, COff: g.COff, M: g.M, K: g.K, N: g.N, Panel: g.Panel, Epilogue: g.Epilogue,
	}
}
