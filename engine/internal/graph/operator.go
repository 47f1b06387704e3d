package graph

import "github.com/riffle-ml/riffle/kernel"

// Operator is what a node does: a value that holds the node's attributes and
// tensors, checked. It never changes. What else can be asked of some operators are
// the small interfaces below; each is a method that others need not have.
type Operator interface {
	// Name is what the model file calls the operator.
	Name() string
	// MACs is the number of multiply-adds of one sample: those of convolutions,
	// linear layers and generators. Pooling, sums and activations count as none.
	MACs(in, out []Shape) int64
}

// Kind is how an operator is read from a file.
type Kind struct {
	Name   string
	Inputs int // how many values it reads; 0: one or more
	// Parse reads the node's attributes and tensors, checks them against the shapes
	// of the inputs, and returns the operator and the shapes of its outputs. It
	// reports errors through a; what it returns is not looked at once a has one.
	Parse func(a *Attrs, in []Shape) (Operator, []Shape)
}

// Activation is an operator that applies a function to every element, and does
// nothing else.
type Activation interface {
	Activation() kernel.Activation
}

// Absorber is an operator that can do more to its result before it is stored,
// which costs less than a step of its own.
type Absorber interface {
	Absorbs(in, out []Shape) Absorption
}

// Absorption says what an [Absorber] takes.
type Absorption struct {
	Activation bool // behind it
	Residual   bool // a value of its output's shape, added before the activation
	Factors    bool // of the channels of its only input
}

// Signed is an operator that can tell that no element of its results is negative.
type Signed interface {
	// NonNegative is asked with whether no element of any input is negative. A NaN
	// counts as not negative, and so does a zero of either sign.
	NonNegative(inputs bool) bool
}

// Joiner is an operator whose output has the planes of its inputs, as they are,
// one input after another.
type Joiner interface {
	Joins()
}

// Scaling is an operator that may multiply each channel of one of its inputs by an
// element of the other, and do nothing else.
type Scaling interface {
	// Scales tells which input has the channels and which the elements, if so.
	Scales(in []Shape) (channels, factors int, ok bool)
}

// Sum is an operator that adds its two inputs, of one shape.
type Sum interface {
	Sums()
}
