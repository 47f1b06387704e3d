package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// toHalf rounds an exact number by the definition of binary16: eleven bits, fewer where
// the last one would be less than 2^-24. zero is what 0 becomes.
func toHalf(x *big.Float, zero float64) float64 {
	if x.Sign() == 0 {
		return zero
	}
	unit := max(x.MantExp(nil)-11, -24)
	n, exact := new(big.Float).SetMantExp(x, -unit).Int(nil)
	if exact != big.Exact {
		rest := new(big.Float).SetMantExp(x, -unit)
		rest.Sub(rest, new(big.Float).SetInt(n)).Abs(rest)
		if c := rest.Cmp(big.NewFloat(0.5)); c > 0 || c == 0 && n.Bit(0) == 1 {
			n.Add(n, big.NewInt(int64(x.Sign())))
		}
	}
	v, _ := new(big.Float).SetInt(n).Float64()
	v = math.Ldexp(v, unit)
	if math.Abs(v) > 65504 {
		v = math.Inf(x.Sign())
	}
	return math.Copysign(v, float64(x.Sign()))
}

func exactly(v float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(v) }

// TestRoundHalf: the nearest binary16 by the definition, of numbers near every one of
// them, near the middles, and of any.
func TestRoundHalf(t *testing.T) {
	try := func(v float64) {
		if got, want := roundHalf(v), toHalf(exactly(v), v); math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%v (%x) became %v, wanted %v", v, math.Float64bits(v), got, want)
		}
	}
	for h := range 0x7c00 {
		a := float64(widen(uint16(h)))
		middle := (a + float64(widen(uint16(h+1)))) / 2
		if h == 0x7bff {
			middle = 65520
		}
		for _, v := range []float64{a, middle} {
			for _, near := range []float64{v, math.Nextafter(v, 0), math.Nextafter(v, 1e9)} {
				try(near)
				try(-near)
			}
		}
	}
	for _, v := range []float64{1e300, 65535, 65536, 5e-324, 1e-30, math.Copysign(0, -1)} {
		try(v)
		try(-v)
	}
	for _, v := range []float64{math.Inf(1), math.Inf(-1)} {
		if got := roundHalf(v); got != v {
			t.Errorf("%v became %v", v, got)
		}
	}
	if got := roundHalf(math.NaN()); got == got {
		t.Errorf("NaN became %v", got)
	}
}

// TestHalfBits: all binary16 keep their bits, any NaN being one.
func TestHalfBits(t *testing.T) {
	for h := range 1 << 16 {
		v := halfValue(uint16(h))
		if h&0x7c00 == 0x7c00 && h&0x3ff != 0 {
			if got := halfBits(v); v == v || got&0x7fff <= 0x7c00 {
				t.Errorf("%04x, a NaN, is %v and then %04x", h, v, got)
			}
			continue
		}
		if h&0x7c00 != 0x7c00 && math.Float64bits(v) != math.Float64bits(float64(widen(uint16(h)))) {
			t.Errorf("%04x is %v, wanted %v", h, v, widen(uint16(h)))
		}
		if got := halfBits(v); got != uint16(h) {
			t.Errorf("%04x is %v, which is %04x", h, v, got)
		}
	}
}

// TestHalfMultiplyAdd: a*b+c of binary16, in float64 and then rounded, is rounded once.
func TestHalfMultiplyAdd(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	number := func() float64 {
		for {
			h := uint16(rng.Uint32())
			if rng.IntN(2) == 0 {
				h &= 0x83e0 | 0x7c00 // few bits: sums fall on middles
			}
			if h&0x7c00 != 0x7c00 {
				return halfValue(h)
			}
		}
	}
	middles := 0
	for range 50_000 {
		a, b, c := number(), number(), number()
		exact := new(big.Float).SetPrec(300).Mul(exactly(a), exactly(b))
		exact.Add(exact, exactly(c))
		want := toHalf(exact, 0)
		got := roundHalf(a*b + c)
		if got != want {
			t.Fatalf("%v * %v + %v is %v, wanted %v", a, b, c, got, want)
		}
		if v, _ := exact.Float64(); math.Abs(want-v) == math.Abs(want-roundHalf(2*v-want)) && v != want {
			middles++
		}
	}
	t.Logf("%d results lay in the middle of two", middles)
}
