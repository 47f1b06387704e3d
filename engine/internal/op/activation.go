package op

import (
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// activation applies a function to every element. Where it can, it becomes part of
// the epilogue of what stands before it (passes.FuseActivations); one that is left
// is a step of its own.
type activation struct {
	name string
	act  kernel.Activation
}

var (
	reluKind  = activationKind(weights.OpReLU, kernel.Clamped(0, float32(math.Inf(1))))
	relu6Kind = activationKind(weights.OpReLU6, kernel.Clamped(0, 6))
)

// activationKind is the kind of an activation without attributes.
func activationKind(name string, act kernel.Activation) graph.Kind {
	return kind(name, 1, func(a *graph.Attrs, in []graph.Shape) (*activation, []graph.Shape) {
		return &activation{name, act}, in
	})
}

func (n *activation) Name() string                     { return n.name }
func (n *activation) MACs(in, out []graph.Shape) int64 { return 0 }
func (n *activation) Activation() kernel.Activation    { return n.act }

func (n *activation) Absorbs(in, out []graph.Shape) graph.Absorption {
	_, ok := n.act.Then(n.act) // of its own kind, if of any
	return graph.Absorption{Activation: ok}
}

// NonNegative: of a floor or a clamp at 0 or more.
func (n *activation) NonNegative(bool) bool {
	return n.act.Kind != kernel.Identity && n.act.Lo >= 0
}

func (n *activation) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	act, ok := n.act.Then(node.Act)
	if !ok {
		return nil, fmt.Errorf("got the activations %v and %v, want two that one function does", n.act, node.Act)
	}
	_, pixels := node.OutShapes[0].Planes()
	t := step.Affine{Label: node.Label, In: node.In[0], Pixels: pixels, Act: act}
	return one(t.Add(b)), nil
}
