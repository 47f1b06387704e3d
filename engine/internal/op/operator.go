package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Operator is a graph's operator that can become steps of a plan.
type Operator interface {
	graph.Operator
	// Lower adds the steps that compute n to b, and returns n's outputs. An operator
	// that only moves channels adds none: its outputs are made of the planes of its
	// inputs.
	Lower(b *plan.Builder, n *Node) ([]plan.Tensor, error)
}

// Node is a node of the graph as it is lowered.
type Node struct {
	plan.Label
	In        []plan.Tensor // nil: the caller's sample, to an operator that is a sampleReader
	InShapes  []graph.Shape
	OutShapes []graph.Shape
	Act       kernel.Activation // what it absorbed
	Residual  plan.Tensor       // nil: none
	Factors   plan.Tensor       // of the channels of its input; nil: none

	// plain: sums are rounded as their definition says, for the network chooses
	// permutations, and another rounding may tip a choice.
	plain bool

	// adds: the network adds activations to each other somewhere, as residual ones do.
	adds bool

	spare map[*weights.Tensor]bool
}

// ownWeights says whether a tensor's data is nobody else's, so that it may be
// packed where it is.
func (n *Node) ownWeights(t *weights.Tensor) bool { return n.spare[t] }

// sampleReader is an operator that reads its input but once, to copy it. Such a
// one can take the caller's sample from where it is.
type sampleReader interface {
	readsSample(in, out graph.Shape) bool
}

// kind is a graph.Kind of operators that have a Lower method.
func kind[T Operator](name string, inputs int, parse func(a *graph.Attrs, in []graph.Shape) (T, []graph.Shape)) graph.Kind {
	return graph.Kind{Name: name, Inputs: inputs, Parse: func(a *graph.Attrs, in []graph.Shape) (graph.Operator, []graph.Shape) {
		return parse(a, in)
	}}
}

// one is a list of one.
func one[T any](x T) []T { return []T{x} }

// data returns a tensor's numbers, or n zeros if there is none.
func data(t *weights.Tensor, n int) []float32 {
	if t == nil {
		return make([]float32, n)
	}
	return t.Data
}
