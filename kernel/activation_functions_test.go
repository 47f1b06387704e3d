package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// everyExponent has numbers of every exponent and sign, some thousand of each of the
// exponents at which functions bend, and what is special.
func everyExponent() []float32 {
	rng := rand.New(rand.NewPCG(1, 2))
	x := []float32{
		0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.MaxFloat32, -math.MaxFloat32,
		1, -1, -3, 3, 6, tanhSmall, -tanhSmall, erfMost, mishMost, expLowest, expHighest, -expLowest, -expHighest, 88.72283, -87.33655, -103.97208,
	}
	for exponent := range uint32(255) {
		n := 50
		if exponent >= 117 && exponent < 134 { // 2^-10 to 2^6
			n = 20000
		}
		for range n {
			x = append(x, math.Float32frombits(rng.Uint32()&(1<<31|1<<23-1)|exponent<<23))
		}
	}
	return x
}

// The functions as they are written in books, in float64.
var exact = map[ActivationKind]func(x float64, a Activation) float64{
	Floor:       func(x float64, a Activation) float64 { return max(x, float64(a.Lo)) },
	Clamp:       func(x float64, a Activation) float64 { return min(max(x, float64(a.Lo)), float64(a.Hi)) },
	HardSigmoid: func(x float64, a Activation) float64 { return min(max(float64(a.Lo)*x+float64(a.Hi), 0), 1) },
	HardSwish:   func(x float64, _ Activation) float64 { return x * (min(max(x+3, 0), 6) / 6) },
	Sigmoid:     func(x float64, _ Activation) float64 { return 1 / (1 + math.Exp(-x)) },
	SiLU:        func(x float64, _ Activation) float64 { return x / (1 + math.Exp(-x)) },
	Tanh:        func(x float64, _ Activation) float64 { return math.Tanh(x) },
	GELU:        func(x float64, _ Activation) float64 { return x * (0.5 * math.Erfc(-x/math.Sqrt2)) },
	GELUTanh: func(x float64, _ Activation) float64 {
		return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	},
	Mish:      func(x float64, _ Activation) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) },
	LeakyReLU: func(x float64, a Activation) float64 { return max(x, 0) + float64(a.Lo)*min(x, 0) },
	ELU:       func(x float64, a Activation) float64 { return max(x, 0) + float64(a.Lo)*math.Expm1(min(x, 0)) },
}

// TestFunctions: every kind against the book in float64, for arguments of every
// exponent: the error is at most units of 2^-24 of the result, or of the argument
// where the sum of two numbers cancels.
func TestFunctions(t *testing.T) {
	const u = 1.0 / (1 << 24)
	const tiny = 1.2e-38 // where exp(x) overflows, its reciprocal is 0
	for _, c := range []struct {
		act             Activation
		units, argument float64
	}{
		{Activation{Kind: Floor}, 0, 0},
		{Activation{Clamp, -1, 2}, 0, 0},
		{Activation{HardSigmoid, 0.2, 0.5}, 1, 0.5}, {Activation{HardSigmoid, 1.0 / 6, 0.5}, 1, 0.5},
		{Activation{Kind: HardSwish}, 3, 1},
		{Activation{Kind: Sigmoid}, 3, 0}, {Activation{Kind: SiLU}, 3, 0},
		{Activation{Kind: Tanh}, 3, 0},
		{Activation{Kind: GELU}, 0, 4}, {Activation{Kind: GELUTanh}, 0, 3},
		{Activation{Kind: Mish}, 5, 0},
		{Activation{Kind: LeakyReLU, Lo: 0.01}, 1, 0},
		{Activation{Kind: ELU, Lo: 1}, 2, 0}, {Activation{Kind: ELU, Lo: 0.7}, 3, 0},
	} {
		worst, at := 0.0, float32(0)
		for _, x := range everyExponent() {
			v := []float32{x}
			c.act.apply(v)
			got, want := float64(v[0]), exact[c.act.Kind](float64(x), c.act)
			if math.IsNaN(want) || math.IsNaN(got) || math.IsInf(want, 0) {
				// A product of 0 and an infinity may be NaN or 0.
				if got != want && !math.IsNaN(got) || math.IsNaN(float64(x)) != math.IsNaN(got) && !math.IsInf(float64(x), 0) {
					t.Errorf("%v of %v is %v, wanted %v", c.act, x, got, want)
				}
				continue
			}
			bound := c.units*u*math.Abs(want) + c.argument*u*min(math.Abs(float64(x)), 8) + tiny*max(1, math.Abs(float64(x)))
			if math.Abs(want) > math.MaxFloat32 {
				continue
			}
			if e := math.Abs(got-want) / bound; bound > 0 && e > worst {
				worst, at = e, x
			} else if bound == 0 && got != want {
				t.Errorf("%v of %v is %v, wanted %v", c.act, x, got, want)
			}
		}
		t.Logf("%v: %.2f of the bound, at %v", c.act, worst, at)
		if worst > 1 {
			t.Errorf("%v of %v is off by %.2f times the bound", c.act, at, worst)
		}
	}
}

// TestExp: within 2 units for normal results; 0 or the exact subnormal number below, and
// an infinity where the result is as large as the largest number or nearly so.
func TestExp(t *testing.T) {
	worst := 0.0
	for _, x := range everyExponent() {
		got, want := float64(exp(x)), math.Exp(float64(x))
		switch {
		case math.IsNaN(float64(x)):
			if !math.IsNaN(got) {
				t.Errorf("exp(NaN) is %v", got)
			}
		case want > 0x1.6a0ap127:
			if !math.IsInf(got, 1) {
				t.Errorf("exp(%v) is %v, wanted an infinity", x, got)
			}
		case want > 0x1.6a09p127 && math.IsInf(got, 1):
		case want < 0x1p-126:
			if got != 0 && math.Abs(got-want) > math.SmallestNonzeroFloat32 || got == 0 && want > 0x1.6a0ap-127 {
				t.Errorf("exp(%v) is %v, wanted %v", x, got, want)
			}
		default:
			worst = max(worst, math.Abs(got-want)/want*(1<<24))
		}
	}
	if worst > 2 {
		t.Errorf("exp is off by %.2f units, wanted at most 2", worst)
	}
	t.Logf("exp is off by %.2f units at most", worst)
}

// TestActivateBits: every set has the reference's bits for every kind, in place and
// not, and touches nothing beyond n rounded up to 8.
func TestActivateBits(t *testing.T) {
	x := everyExponent()
	forEachSet(t, func(t *testing.T, set *Set) {
		for _, act := range activations[1:] {
			for _, n := range []int{1, 7, 8, 9, 250, len(x) / 3} {
				for _, inPlace := range []bool{false, true} {
					pitch := roundUp8(n) + 8
					mem := make([]float32, 6*pitch+16)
					src, dst := make([]int32, 3), make([]int32, 3)
					for c := range src {
						src[c], dst[c] = int32(c*pitch+3), int32((5-c)*pitch+3)
						copy(mem[src[c]+5:][:n], x[c*(len(x)/3):])
					}
					if inPlace {
						dst = src
					}
					want := append([]float32(nil), mem...)
					refActivate(want, src, dst, 5, n, act)
					set.activate(mem, src, dst, 5, n, act)
					for c, off := range dst {
						for p := range n {
							g, w := mem[int(off)+5+p], want[int(off)+5+p]
							if math.Float32bits(g) != math.Float32bits(w) && (g == g || w == w) {
								t.Fatalf("%v, %d pixels, plane %d, pixel %d: %v, wanted %v", act, n, c, p, g, w)
							}
						}
						if end := int(off) + 5 + roundUp8(n); end < len(mem) && math.Float32bits(mem[end]) != math.Float32bits(want[end]) {
							t.Fatalf("%v, %d pixels, plane %d: wrote behind its pixels", act, n, c)
						}
					}
				}
			}
		}
	})
}
