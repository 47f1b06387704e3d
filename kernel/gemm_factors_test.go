package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestGEMMFactors: a call with factors has the bits of one without on rows that were
// multiplied before, with a panel of the length that the set asks for, beyond which
// nothing is written.
func TestGEMMFactors(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(7, 8))
		taken := 0
		for range 1200 {
			m, k, n := 1+rng.IntN(120), 1+rng.IntN(60), 1+rng.IntN(130)
			if rng.IntN(30) == 0 {
				m, k = 100+rng.IntN(40), 128+rng.IntN(500) // a set may want a panel anyway
			}
			tile := set.TileFor(m, n)
			length, ok := set.FactorsLen(m, k, n)
			if !ok {
				continue
			}
			taken++
			c := newGEMM(t, rng, tile, m, k, n, randomOptions(rng))
			c.Factors = guarded(t, k, rng.IntN(2) == 0)
			for i := range c.Factors {
				c.Factors[i] = rng.Float32()*2 - 1
			}
			// Rows of B may be the same plane, so that each gets a copy of its own.
			before := *c
			before.Mem = slices.Clone(c.Mem)
			before.Factors, before.B = nil, make([]int32, k)
			for i := range k {
				plane := make([]float32, roundUp8(n))
				for p, v := range c.Mem[int(c.B[i])+c.BOff:][:n] {
					plane[p] = c.Factors[i] * v
				}
				before.B[i] = int32(len(before.Mem) - c.BOff)
				before.Mem = append(before.Mem, plane...)
			}
			set.GEMM(&before.GEMM)
			c.Panel = guarded(t, length, rng.IntN(2) == 0)
			for i := range c.Panel {
				c.Panel[i] = specials[0] // NaN
			}
			if err := set.Check(&c.GEMM); err != nil {
				t.Fatal(err)
			}
			set.GEMM(&c.GEMM)
			for row, off := range c.C {
				for p := range n {
					got, want := c.Mem[int(off)+c.COff+p], before.Mem[int(off)+c.COff+p]
					if !sameBits(got, want) {
						t.Fatalf("%v, a panel of %d: row %d, pixel %d is %v, wanted %v", c, length, row, p, got, want)
					}
				}
			}
		}
		if want := set.factors.len != nil && set.factors.by == set.gemm.by; (taken > 0) != want {
			t.Errorf("the set takes factors in %d of the calls", taken)
		}
	})
}
