package jpeg

import (
	"math"
	"math/rand/v2"
	"testing"
)

// textbook is the inverse DCT of T.81 (A.3.3) in float64, levels shifted by 128.
func textbook(b *[64]int32) (out [64]float64) {
	for y := range 8 {
		for x := range 8 {
			sum := 0.0
			for v := range 8 {
				for u := range 8 {
					c := float64(b[8*v+u]) / 4
					if u == 0 {
						c /= math.Sqrt2
					}
					if v == 0 {
						c /= math.Sqrt2
					}
					sum += c * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(v)*math.Pi/16)
				}
			}
			out[8*y+x] = max(0, min(sum+128, 255))
		}
	}
	return out
}

// randomBlock has n coefficients within the first rows and columns, and what inverse
// wants to know of them.
func randomBlock(rng *rand.Rand, n, most int) (b [64]int32, nonzero uint64) {
	b[0] = int32(rng.IntN(2000) - 1000)
	for range n {
		x, y := rng.IntN(most), rng.IntN(most)
		b[8*y+x] = int32(rng.IntN(400) - 200)
	}
	for z, v := range b {
		if z > 0 && v != 0 {
			nonzero |= 1 << z
		}
	}
	return b, nonzero
}

// TestInverse: the samples are the transform's, rounded at most a little otherwise; and
// the short ways for blocks with few coefficients give the bits of the long one.
func TestInverse(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 3000 {
		b, nonzero := randomBlock(rng, i%40, 1+i%8)
		want := textbook(&b)
		var got, long [64]byte
		short, whole := b, b
		inverse(got[:], 8, 8, &short, nonzero)
		inverse(long[:], 8, 8, &whole, 1<<64-1)
		if got != long {
			t.Fatalf("block %v: got %v, want %v as without shortcuts", b, got, long)
		}
		if nonzero == 0 {
			flat(long[:], 8, 8, b[0])
			if got != long {
				t.Fatalf("block %v: got %v, want %v", b, got, long)
			}
		}
		for k, v := range want {
			if math.Abs(float64(got[k])-v) > 0.6 {
				t.Fatalf("block %v, sample %d: got %d, want %v", b, k, got[k], v)
			}
		}
	}
}

// TestInverseReduced: a block of low frequencies alone, at 1/2, 1/4 and 1/8, is the
// mean of the samples that each stands for, within what the transform leaves out.
func TestInverseReduced(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		var b [64]int32
		b[0] = int32(rng.IntN(800) - 400)
		b[1], b[8], b[9] = int32(rng.IntN(60)-30), int32(rng.IntN(60)-30), int32(rng.IntN(20)-10)
		full := textbook(&b)
		for _, size := range []int{4, 2, 1} {
			var got [16]byte
			copied := b
			inverse(got[:], 4, size, &copied, 1<<1|1<<8|1<<9)
			n := 8 / size
			for y := range size {
				for x := range size {
					sum := 0.0
					for k := range n * n {
						sum += full[8*(n*y+k/n)+n*x+k%n]
					}
					if d := math.Abs(float64(got[4*y+x]) - sum/float64(n*n)); d > 1.5 {
						t.Fatalf("block %d to %d x %d at %d, %d: got %d, want %v", i, size, size, x, y, got[4*y+x], sum/float64(n*n))
					}
				}
			}
		}
	}
}
