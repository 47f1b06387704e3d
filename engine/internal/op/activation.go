package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/kernel"
)

// activation applies a function to every element. Where it can, it becomes part of
// the epilogue of what stands before it (passes.FuseActivations); one that is left
// is a step of its own.
type activation struct {
	name string
	act  kernel.Activation
}

// activationKind is the kind of an activation without attributes.
func activationKind(name string, act kernel.Activation) graph.Kind {
	return parametricKind(name, func(*graph.Attrs) kernel.Activation { return act })
}

// parametricKind is the kind of an activation with parameters, which parse reads.
func parametricKind(name string, parse func(a *graph.Attrs) kernel.Activation) graph.Kind {
	return kind(name, 1, func(a *graph.Attrs, in []graph.Shape) (*activation, []graph.Shape) {
		return &activation{name, parse(a)}, in
	})
}

func (n *activation) Name() string                     { return n.name }
func (n *activation) MACs(in, out []graph.Shape) int64 { return 0 }
func (n *activation) Activation() kernel.Activation    { return n.act }

func (n *activation) Absorbs(in, out []graph.Shape) graph.Absorption {
	_, ok := n.act.Then(n.act) // of its own kind, if of any
	return graph.Absorption{Activation: ok}
}

// NonNegative: of a floor or a clamp at 0 or more, and of what is a share of 1.
func (n *activation) NonNegative(bool) bool {
	switch n.act.Kind {
	case kernel.Floor, kernel.Clamp:
		return n.act.Lo >= 0
	case kernel.Sigmoid, kernel.HardSigmoid:
		return true
	}
	return false
}

func (n *activation) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	_, pixels := node.OutShapes[0].Planes()
	t := step.Affine{Label: node.Label, In: node.In[0], Pixels: pixels}
	act, ok := n.act.Then(node.Act)
	if !ok { // no one function does what both do
		t.Act = n.act
		t.In, act = t.Add(b), node.Act
	}
	t.Act = act
	return one(t.Add(b)), nil
}
