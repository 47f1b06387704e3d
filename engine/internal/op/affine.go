package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// affine is y[c] = scale[c]*x[c] + shift[c]: a batch norm that nothing could
// absorb.
type affine struct{ scale, shift *weights.Tensor }

var affineKind = kind(weights.OpAffine, 1, func(a *graph.Attrs, in []graph.Shape) (*affine, []graph.Shape) {
	return &affine{a.Tensor("scale", in[0][0]), a.Tensor("shift", in[0][0])}, in
})

func (*affine) Name() string                     { return weights.OpAffine }
func (*affine) MACs(in, out []graph.Shape) int64 { return 0 }

func (*affine) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (n *affine) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	_, pixels := node.OutShapes[0].Planes()
	t := step.Affine{
		Label: node.Label, In: node.In[0], Pixels: pixels, Scale: n.scale.Data, Shift: n.shift.Data, Act: node.Act,
	}
	return one(t.Add(b)), nil
}
