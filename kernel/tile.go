package kernel

import "fmt"

// Tile is the block of outputs that a GEMM keeps in registers: so many output
// channels by so many pixels. It decides the packing of the weights. A set lists
// the tiles that it has in [Set.Tiles].
type Tile struct {
	Rows int // output channels
	Cols int // pixels of the widest strip
}

// String is rows x columns, such as "4x24".
func (t Tile) String() string { return fmt.Sprintf("%dx%d", t.Rows, t.Cols) }

// PackedLen returns the length of A for a GEMM of m rows and depth k.
func PackedLen(t Tile, m, k int) int { return m * k }

// PackA packs row-major weights w (m rows of k values, ld apart) for the tile:
// tiles of t.Rows output channels follow one another, a last tile of fewer rows
// keeps its fewer rows, and inside a tile of r rows the order is k-major:
// dst[tile][kk*r + row]. dst has PackedLen elements and does not overlap w.
func PackA(t Tile, dst, w []float32, m, k, ld int) {
	for m0 := 0; m0 < m; m0 += t.Rows {
		rows := min(t.Rows, m-m0)
		tile := dst[m0*k : (m0+rows)*k]
		i := 0
		for ; i+4 <= rows; i += 4 { // loading a model is mostly this
			a, b, c, d := w[(m0+i)*ld:][:k], w[(m0+i+1)*ld:][:k], w[(m0+i+2)*ld:][:k], w[(m0+i+3)*ld:][:k]
			for kk := range a {
				at := rows*kk + i
				t := tile[at : at+4 : at+4]
				t[0], t[1], t[2], t[3] = a[kk], b[kk], c[kk], d[kk]
			}
		}
		for ; i+2 <= rows; i += 2 {
			a, b := w[(m0+i)*ld:][:k], w[(m0+i+1)*ld:][:k]
			for kk := range a {
				at := rows*kk + i
				t := tile[at : at+2 : at+2]
				t[0], t[1] = a[kk], b[kk]
			}
		}
		if i < rows {
			for kk, v := range w[(m0+i)*ld:][:k] {
				tile[kk*rows+i] = v
			}
		}
	}
}
