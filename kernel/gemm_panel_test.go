package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestGEMMPanel: a call with a panel of any length, which nothing is written beyond, has
// the bits of the call without.
func TestGEMMPanel(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(5, 6))
		for range 1500 {
			m, k, n := 1+rng.IntN(120), 1+rng.IntN(60), 1+rng.IntN(130)
			if rng.IntN(30) == 0 {
				m, k = 100+rng.IntN(40), 1000+rng.IntN(500) // several blocks of weights
			}
			tile := set.Tiles[rng.IntN(len(set.Tiles))]
			c := newGEMM(t, rng, tile, m, k, n, randomOptions(rng))
			set.GEMM(&c.GEMM)
			want := slices.Clone(c.Mem)
			copy(c.Mem, c.before)
			c.Panel = guarded(t, k*tile.Cols*rng.IntN(5)+rng.IntN(k*tile.Cols), rng.IntN(2) == 0)
			for i := range c.Panel {
				c.Panel[i] = specials[0] // NaN
			}
			if err := set.Check(&c.GEMM); err != nil {
				t.Fatal(err)
			}
			set.GEMM(&c.GEMM)
			for i, v := range c.Mem {
				if !sameBits(v, want[i]) {
					t.Fatalf("%v, a panel of %d: element %d is %v, wanted %v, as without a panel", c, len(c.Panel), i, v, want[i])
				}
			}
		}
	})
}

// TestPanelLen: a panel stays within its bound for any shape, and a set that asks for one
// asks for whole strips.
func TestPanelLen(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		asked := 0
		for _, m := range []int{1, 16, 64, 100, 512, 4096, 1 << 20} {
			for _, k := range []int{1, 27, 128, 576, 4608, 1 << 20} {
				for _, n := range []int{1, 7, 49, 784, 3136, 1 << 20} {
					got, strip := set.PanelLen(m, k, n), k*set.TileFor(m, n).Cols
					if got < 0 || got > 1<<18 || got%strip != 0 {
						t.Errorf("%dx%dx%d: a panel of %d, wanted at most %d and a multiple of %d", m, k, n, got, 1<<18, strip)
					}
					if got > 0 {
						asked++
					}
				}
			}
		}
		if (asked > 0) != (set.panel != nil) {
			t.Errorf("%d shapes have a panel", asked)
		}
	})
}
