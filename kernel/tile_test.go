package kernel

import (
	"slices"
	"testing"
)

// TestTileFor: the tile that a set chooses is one of its own.
func TestTileFor(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		for m := 1; m < 70; m++ {
			for n := 1; n < 200; n++ {
				if tile := set.TileFor(m, n); !slices.Contains(set.Tiles, tile) {
					t.Fatalf("%d channels of %d pixels: %v, wanted one of %v", m, n, tile, set.Tiles)
				}
				if c := set.Cycles(m, n); !(c > 0) {
					t.Fatalf("%d channels of %d pixels: %v cycles, wanted more than none", m, n, c)
				}
			}
		}
	})
}

// TestPackA: every row and depth stands where the packing says, for tiles of any
// number of rows.
func TestPackA(t *testing.T) {
	for rows := 1; rows <= 17; rows++ {
		for _, m := range []int{1, 3, rows, rows + 1, 3*rows - 1, 40} {
			const k, ld = 7, 9
			w := make([]float32, m*ld)
			for i := range w {
				w[i] = float32(i)
			}
			tile := Tile{rows, 8}
			dst := make([]float32, PackedLen(tile, m, k))
			PackA(tile, dst, w, m, k, ld)
			for i := range m {
				m0 := i / rows * rows
				height := min(rows, m-m0)
				for kk := range k {
					if got, want := dst[m0*k+kk*height+i-m0], w[i*ld+kk]; got != want {
						t.Fatalf("tile %v, %d rows: row %d, depth %d is %v, wanted %v", tile, m, i, kk, got, want)
					}
				}
			}
		}
	}
}

// TestPitch: planes with their slack do not touch, begin at a cache line, and do
// not all fall into the same set of a cache.
func TestPitch(t *testing.T) {
	for _, size := range []int{1, 2, 4, 8} {
		for n := 1; n < 5000; n++ {
			p := Pitch(n, size) * size
			if p < n*size+SlackBytes || p%64 != 0 || p%1024 == 0 || p > n*size+SlackBytes+127 {
				t.Fatalf("%d elements of %d bytes: a pitch of %d bytes", n, size, p)
			}
		}
	}
	for n, want := range map[int]int{1: 32, 16: 32, 17: 48, 49: 80, 784: 800, 1000: 1040, 3136: 3152} {
		if got := Pitch(n, 4); got != want {
			t.Errorf("%d float32: %d, wanted %d", n, got, want)
		}
	}
}
