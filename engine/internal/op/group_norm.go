package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// groupNorm normalizes groups of channels, all pixels of them together, to mean 0 and
// variance 1, and then scales and shifts each channel. With a group for each channel it
// is the instance norm.
type groupNorm struct {
	groups       int
	scale, shift *weights.Tensor
	epsilon      float32
}

var groupNormKind = kind(weights.OpGroupNorm, 1, func(a *graph.Attrs, in []graph.Shape) (*groupNorm, []graph.Shape) {
	c := in[0][0]
	n := &groupNorm{a.Ints("groups", 1, 1<<20, 1)[0], a.Tensor("scale", c), a.Tensor("shift", c), epsilon(a)}
	if c%n.groups != 0 {
		a.Failf("groups: got %d, want a divisor of the %d channels", n.groups, c)
	}
	return n, in
})

func (*groupNorm) Name() string                     { return weights.OpGroupNorm }
func (*groupNorm) MACs(in, out []graph.Shape) int64 { return 0 }

func (*groupNorm) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (n *groupNorm) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	_, pixels := node.OutShapes[0].Planes()
	t := step.Norm{
		Label: node.Label, In: node.In[0], Pixels: pixels, Groups: n.groups,
		Scale: n.scale.Data, Shift: n.shift.Data, Epsilon: n.epsilon, Act: node.Act,
	}
	return one(t.AddGroups(b)), nil
}
