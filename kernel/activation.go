package kernel

import "math"

// ActivationKind says which function an [Activation] is.
type ActivationKind uint8

// The kinds. Those up to Clamp are part of every unit of assembly that stores an
// output. The others are applied to what a unit has stored, while it is in cache.
const (
	Identity    ActivationKind = iota // v
	Floor                             // max(v, Lo)
	Clamp                             // min(max(v, Lo), Hi)
	HardSigmoid                       // min(max(Lo*v+Hi, 0), 1)
	HardSwish                         // v * min(max(v+3, 0), 6) / 6
	Sigmoid                           // 1 / (1+exp(-v))
	SiLU                              // v / (1+exp(-v))
	Tanh                              // tanh(v)
	GELU                              // v/2 * (1+erf(v/sqrt(2)))
	GELUTanh                          // v / (1+exp(-2*sqrt(2/pi)*(v+0.044715*v*v*v)))
	Mish                              // v * tanh(log(1+exp(v)))
	LeakyReLU                         // v if v >= 0, else Lo*v
	ELU                               // v if v >= 0, else Lo*(exp(v)-1)
	kinds                             // how many there are
)

// Activation is the function that an [Epilogue] applies to an output. Its zero
// value is the identity. ReLU is {Floor, 0, +Inf}, ReLU6 is {Clamp, 0, 6}. Two
// activations that [Clamped] or [Activation.Then] made, or literals in which the
// fields that the kind does not use are 0, are the same function if and only if they
// are equal by ==.
//
// Every kind propagates NaN, and has the same bits on every instruction set. How
// far one is off is in its function's comment in activation_functions.go.
type Activation struct {
	Kind   ActivationKind
	Lo, Hi float32 // bounds, or the function's other parameters; the kind says which of them are used
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
// below or above becomes that bound. An infinite bound is none, and kinds above Clamp
// have none.
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
	switch {
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
