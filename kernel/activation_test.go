package kernel

import (
	"math"
	"slices"
	"testing"
)

func TestClamped(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		lo, hi float32
		want   Activation
	}{
		{-inf, inf, Activation{}},
		{0, inf, Activation{Floor, 0, inf}},
		{0, 6, Activation{Clamp, 0, 6}},
		{-inf, 6, Activation{Clamp, -inf, 6}},
		{-1, -1, Activation{Clamp, -1, -1}},
		{inf, inf, Activation{Floor, inf, inf}},
		{-math.MaxFloat32, inf, Activation{Floor, -math.MaxFloat32, inf}},
	} {
		if got := Clamped(c.lo, c.hi); got != c.want {
			t.Errorf("Clamped(%v, %v) is %v, wanted %v", c.lo, c.hi, got, c.want)
		}
	}
	for _, a := range []Activation{Clamped(nan, 1), Clamped(0, nan), Clamped(nan, inf), Clamped(2, 1), {Kind: kinds}, {Kind: Sigmoid, Hi: inf}, {Kind: ELU, Lo: nan}} {
		if a.check("x") == nil {
			t.Errorf("%v passed the check", a)
		}
	}
}

// TestEveryKindIsTested: the list that every suite draws its activations from has
// one of each kind that a contract lets through.
func TestEveryKindIsTested(t *testing.T) {
	for kind := range ActivationKind(255) {
		has := slices.ContainsFunc(activations, func(a Activation) bool { return a.Kind == kind })
		if known := (Activation{kind, 0, 1}).check("x") == nil; known != has {
			t.Errorf("kind %d: known %v, tested %v", kind, known, has)
		}
	}
}

// TestThen: one activation for two computes what the two do one after the other,
// for every pair, NaN and zeros of both signs among the inputs.
func TestThen(t *testing.T) {
	inf := float32(math.Inf(1))
	inputs := []float32{-inf, -7, -1, -0.5, float32(math.Copysign(0, -1)), 0, 0.25, 1, 5, 6, 7, inf, float32(math.NaN())}
	bounds := []float32{-inf, -1, 0, 0.5, 6, inf}
	var all []Activation
	for _, lo := range bounds {
		for _, hi := range bounds {
			if lo <= hi {
				all = append(all, Clamped(lo, hi))
			}
		}
	}
	for _, a := range all {
		for _, b := range all {
			both, ok := a.Then(b)
			if !ok {
				t.Fatalf("%v then %v: not expressed", a, b)
			}
			if canonical := Clamped(both.Bounds()); both != canonical {
				t.Errorf("%v then %v is %v, wanted the simplest kind, %v", a, b, both, canonical)
			}
			for _, x := range inputs {
				one, two := []float32{x}, []float32{x}
				both.apply(one)
				a.apply(two)
				b.apply(two)
				if one[0] != two[0] && !(one[0] != one[0] && two[0] != two[0]) {
					t.Errorf("%v then %v of %v is %v, wanted %v", a, b, x, one[0], two[0])
				}
			}
		}
	}
	if got, ok := (Activation{Kind: Sigmoid}).Then(relu); ok {
		t.Errorf("sigmoid, then ReLU: %v, wanted none", got)
	}
}
