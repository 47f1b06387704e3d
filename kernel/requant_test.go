package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// textbook is q(f) in float64, step by step as its contract says.
func (q Requant) textbook(f float32) uint8 {
	if f != f {
		return q.Lo
	}
	v := math.RoundToEven(float64(f)) + float64(q.Zero)
	return uint8(min(max(v, float64(q.Lo)), float64(q.Hi)))
}

func randomRequant(rng *rand.Rand) Requant {
	q := Requant{Zero: uint8(rng.IntN(256)), Hi: 255}
	switch rng.IntN(4) {
	case 0:
		q.Lo = q.Zero // ReLU
	case 1:
		q.Lo = q.Zero
		q.Hi = q.Zero + uint8(rng.IntN(256-int(q.Zero)))
	case 2:
		q.Zero = 0
	}
	return q
}

// TestRequant: halves go to even, and whatever is outside is clamped.
func TestRequant(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 7))
	for _, q := range []Requant{{0, 0, 255}, {128, 0, 255}, {255, 0, 255}, {3, 3, 3}, {10, 10, 200}, {0, 7, 9}} {
		r := q.clamper()
		for i := -1100; i <= 1100; i++ {
			for _, f := range []float32{float32(i) / 2, math.Nextafter32(float32(i)/2, 1e9), math.Nextafter32(float32(i)/2, -1e9)} {
				if got, want := r.of(f), q.textbook(f); got != want {
					t.Fatalf("%+v: q(%v) is %d, wanted %d", q, f, got, want)
				}
			}
		}
		inf := float32(math.Inf(1))
		for _, f := range []float32{inf, -inf, float32(math.NaN()), math.MaxFloat32, -math.MaxFloat32, 1 << 31, -1 << 31, 1e-45, float32(math.Copysign(0, -1))} {
			if got, want := r.of(f), q.textbook(f); got != want {
				t.Errorf("%+v: q(%v) is %d, wanted %d", q, f, got, want)
			}
		}
	}
	for range 100000 {
		q := randomRequant(rng)
		f := math.Float32frombits(rng.Uint32())
		if got, want := q.clamper().of(f), q.textbook(f); got != want {
			t.Fatalf("%+v: q(%v) is %d, wanted %d", q, f, got, want)
		}
	}
}

// TestSumBound: it is what a sum can be, and no less.
func TestSumBound(t *testing.T) {
	if got := SumBound(-5, []int8{1, -128, 127}); got != 5+255*256 {
		t.Errorf("a bound of %d, wanted %d", got, 5+255*256)
	}
	if got := SumBound(math.MinInt32, nil); got != 1<<31 {
		t.Errorf("a bound of %d, wanted 2^31", got)
	}
	if got := SumBound(0, nil); got != 0 {
		t.Errorf("a bound of %d, wanted 0", got)
	}
}
