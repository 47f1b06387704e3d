package kernel

import "math"

// ActivationKind says which function an [Activation] is.
type ActivationKind uint8

const (
	Identity ActivationKind = iota // v
	Floor                          // max(v, Lo)
	Clamp                          // min(max(v, Lo), Hi)
)

// Activation is the function that an [Epilogue] applies to an output. Its zero
// value is the identity. ReLU is {Floor, 0, +Inf}, ReLU6 is {Clamp, 0, 6}. Two
// activations that [Clamped] or [Activation.Then] made are the same function if
// and only if they are equal by ==.
//
// Every kind propagates NaN: an output that is NaN stays NaN.
type Activation struct {
	Kind   ActivationKind
	Lo, Hi float32 // bounds; the kind says which of them are used
}

// Clamped returns the activation min(max(v, lo), hi), by the simplest kind that
// expresses it. An infinite bound is no bound.
func Clamped(lo, hi float32) Activation {
	inf := float32(math.Inf(1))
	switch {
	case hi <= math.MaxFloat32, lo != lo, hi != hi: // Check refuses a NaN
		return Activation{Clamp, lo, hi}
	case lo >= -math.MaxFloat32:
		return Activation{Floor, lo, inf}
	}
	return Activation{}
}

// Bounds returns the lowest and the highest value that a leaves as it is. What is
// below or above becomes that bound. An infinite bound is none.
func (a Activation) Bounds() (lo, hi float32) {
	lo, hi = float32(math.Inf(-1)), float32(math.Inf(1))
	switch a.Kind {
	case Floor:
		lo = a.Lo
	case Clamp:
		lo, hi = a.Lo, a.Hi
	}
	return lo, hi
}

// Then returns the activation that applies a first and b to its result. It is
// false if no kind expresses that.
func (a Activation) Then(b Activation) (Activation, bool) {
	switch { // so that a kind which is not known here still goes with the identity
	case a.Kind == Identity:
		return b, true
	case b.Kind == Identity:
		return a, true
	case a.Kind > Clamp || b.Kind > Clamp:
		return Activation{}, false
	}
	alo, ahi := a.Bounds()
	blo, bhi := b.Bounds()
	return Clamped(min(max(alo, blo), bhi), min(max(ahi, blo), bhi)), true
}

// apply is the reference of every kind: it applies a to each element of v.
func (a Activation) apply(v []float32) {
	switch a.Kind {
	case Floor:
		for i, x := range v {
			if x < a.Lo {
				v[i] = a.Lo
			}
		}
	case Clamp:
		for i, x := range v {
			if x < a.Lo {
				v[i] = a.Lo
			} else if x > a.Hi {
				v[i] = a.Hi
			}
		}
	}
}
