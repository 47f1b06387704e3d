package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestFMA: the result is that of exact arithmetic, rounded once: for numbers of all
// exponents, sums that nearly cancel, and those that lie near the middle of two float32.
func TestFMA(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	any := func(exponents, from uint32) float32 {
		return math.Float32frombits(rng.Uint32()&(1<<31|1<<23-1) | (from+rng.Uint32N(exponents))<<23)
	}
	middles := 0
	for i := range 300000 {
		a, b, c := any(30, 110), any(30, 110), any(60, 90)
		switch i % 4 {
		case 1: // nearly cancels
			c = -float32(float64(a) * float64(b))
		case 3: // the result is subnormal
			a, b, c = any(3, 50), any(3, 52), any(3, 1)
		case 2: // far below: the last bits decide a tie
			a, b = 1+float32(rng.IntN(1<<10))/(1<<12), 1+float32(rng.IntN(1<<10))/(1<<12)
			c = float32(math.Ldexp(float64(rng.IntN(3)-1)*(1+rng.Float64()), -60))
		}
		exact := new(big.Float).SetPrec(400).Mul(big.NewFloat(float64(a)), big.NewFloat(float64(b)))
		exact.Add(exact, big.NewFloat(float64(c)))
		want, _ := exact.Float32()
		if twice := float32(float64(a)*float64(b) + float64(c)); twice != want {
			middles++
		}
		if got, slow := fma(a, b, c), fmaOdd(float64(a)*float64(b), float64(c)); got != want && math.Abs(float64(want)) >= 0x1p-126 || slow != want {
			t.Fatalf("fma(%v, %v, %v) is %v and %v, wanted %v", a, b, c, got, slow, want)
		}
	}
	if middles == 0 {
		t.Error("no case needs more than a float64: the test shows nothing")
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range [][4]float32{{2, 3, inf, inf}, {2, 3, -inf, -inf}, {inf, 2, 1, inf}, {nan, 1, 1, nan}, {1, 1, nan, nan}, {inf, 1, -inf, nan}, {0, 1, 0, 0}} {
		if got := fma(c[0], c[1], c[2]); got != c[3] && (got == got || c[3] == c[3]) {
			t.Errorf("fma(%v, %v, %v) is %v, wanted %v", c[0], c[1], c[2], got, c[3])
		}
	}
}
