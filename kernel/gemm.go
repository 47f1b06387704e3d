package kernel

// GEMM multiplies packed weights by pixels that are read through a table, and
// finishes each output in the same pass:
//
//	C[m][p] = clamp(bias[m] + sum_k a[m,k]*B[k][p] + scale[m]*R[m][p])
//
// for m in [0, M), p in [0, N), k in ascending order, where B[k][p] is
// Mem[B[k]+BOff+p] and likewise C and R with their own offsets. The sum starts
// at bias[m]; the residual is added after the sum; clamp(v) = min(max(v, Lo),
// Hi) and hands NaN on. It is the pointwise convolution (BOff = COff = 0, N =
// H*W) and, through a table of shifted planes, every other dense one.
//
// Reads of B and R and writes to C reach to N rounded up to 8 elements, no
// further. C may not overlap B; C may be R (in place).
type GEMM struct {
	Mem              []float32
	Tile             Tile
	A                []float32 // PackA(tile, M, K, ...)
	B                []int32   // K plane offsets
	C                []int32   // M plane offsets
	R                []int32   // M plane offsets, or nil: no residual
	Bias             []float32 // M values
	Scale            []float32 // M values; nil: all 1. Unused without R
	BOff, COff, ROff int       // elements, added to every entry of the table
	M, K, N          int
	Lo, Hi           float32 // -Inf, +Inf: no clamp
}

// Tile is the block of outputs that a GEMM kernel keeps in registers: rows of
// output channels by columns of pixels. It decides the packing of A.
type Tile uint8

const (
	Tile4x24 Tile = iota // 4 output channels, up to 24 pixels
	Tile6x16             // 6 output channels, up to 16 pixels
)

// Rows returns the number of output channels in a full tile.
func (t Tile) Rows() int {
	if t == Tile6x16 {
		return 6
	}
	return 4
}

// String is "4x24" or "6x16".
func (t Tile) String() string {
	if t == Tile6x16 {
		return "6x16"
	}
	return "4x24"
}

// PackedLen returns len(A) for a GEMM of m rows and depth k.
func PackedLen(t Tile, m, k int) int { return m * k }

// PackA packs row-major weights w (M x K, row stride ld) for the tile: tiles
// of t.Rows() output channels follow one another, a last tile of fewer rows
// keeps its fewer rows, and inside a tile of r rows the order is k-major:
// A[tile][k*r + row]. dst has PackedLen elements.
func PackA(t Tile, dst, w []float32, m, k, ld int) {
	r := t.Rows()
	for m0 := 0; m0 < m; m0 += r {
		rows := min(r, m-m0)
		tile := dst[m0*k : (m0+rows)*k]
		if rows == 4 || rows == 6 { // loading a model is mostly this
			a, b, c, d := w[m0*ld:][:k], w[(m0+1)*ld:][:k], w[(m0+2)*ld:][:k], w[(m0+3)*ld:][:k]
			for kk := range a {
				t := tile[rows*kk : rows*kk+4 : rows*kk+4]
				t[0], t[1], t[2], t[3] = a[kk], b[kk], c[kk], d[kk]
			}
			if rows == 6 {
				e, f := w[(m0+4)*ld:][:k], w[(m0+5)*ld:][:k]
				for kk := range e {
					t := tile[6*kk+4 : 6*kk+6 : 6*kk+6]
					t[0], t[1] = e[kk], f[kk]
				}
			}
			continue
		}
		for i := range rows {
			row := w[(m0+i)*ld:][:k]
			for kk, v := range row {
				tile[kk*rows+i] = v
			}
		}
	}
}
