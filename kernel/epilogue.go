package kernel

import "fmt"

// Epilogue is what happens to an output before it is stored:
//
//	act(sum + Bias[c] + Scale[c]*residual)
//
// where sum is what the kernel computes and c is the output channel. Its zero
// value does nothing. The contract of each kernel says which fields it takes;
// its Check refuses the others.
type Epilogue struct {
	Bias  []float32 // one value per output channel; nil: all 0
	R     []int32   // plane offsets of the residual, one per output channel; nil: no residual
	ROff  int       // elements, added to every entry of R
	Scale []float32 // of the residual, one value per output channel; nil: all 1
	Act   Activation
}

// bias is channel c's.
func (e *Epilogue) bias(c int) float32 {
	if e.Bias == nil {
		return 0
	}
	return e.Bias[c]
}

// taking says which fields of an epilogue a kernel takes besides Act.
type taking struct{ bias, residual bool }

// check tells which field of e the kernel does not take, or which one it takes
// and cannot use. channels is how many output channels there are.
func (e *Epilogue) check(kernel string, channels int, t taking) error {
	switch {
	case !t.bias && e.Bias != nil:
		return fmt.Errorf("%s: Bias has %d values, wanted none: this kernel takes no such bias", kernel, len(e.Bias))
	case !t.residual && (e.R != nil || e.ROff != 0 || e.Scale != nil):
		return fmt.Errorf("%s: R has %d planes, ROff is %d and Scale has %d values, wanted none: this kernel takes no residual",
			kernel, len(e.R), e.ROff, len(e.Scale))
	case e.Bias != nil && len(e.Bias) != channels:
		return fmt.Errorf("%s: Bias has %d values, wanted %d", kernel, len(e.Bias), channels)
	case e.Scale != nil && len(e.Scale) != channels:
		return fmt.Errorf("%s: Scale has %d values, wanted %d", kernel, len(e.Scale), channels)
	}
	return e.Act.check(kernel)
}

// check tells where a is none of the kinds, or its bounds are none: Lo above Hi,
// or a NaN; or where another parameter is not finite.
func (a Activation) check(kernel string) error {
	switch {
	case a.Kind >= kinds:
		return fmt.Errorf("%s: activation of kind %d, wanted at most %d", kernel, a.Kind, kinds-1)
	case a.Kind > Clamp && (a.Lo-a.Lo != 0 || a.Hi-a.Hi != 0):
		return fmt.Errorf("%s: activation with the parameters %v and %v, wanted finite ones", kernel, a.Lo, a.Hi)
	}
	if lo, hi := a.Bounds(); !(lo <= hi) {
		return fmt.Errorf("%s: activation with the bounds [%v, %v], wanted Lo <= Hi", kernel, lo, hi)
	}
	return nil
}
