package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// layerNorm normalizes the channels of each pixel, or the elements of a vector, to mean 0
// and variance 1, and then scales and shifts each channel.
type layerNorm struct {
	scale, shift *weights.Tensor
	epsilon      float32
}

var layerNormKind = kind(weights.OpLayerNorm, 1, func(a *graph.Attrs, in []graph.Shape) (*layerNorm, []graph.Shape) {
	return &layerNorm{a.Tensor("scale", in[0][0]), a.Tensor("shift", in[0][0]), epsilon(a)}, in
})

// epsilon is what is added to a variance, so that none is 0.
func epsilon(a *graph.Attrs) float32 {
	e := a.Number("epsilon")
	if e < 0 {
		a.Failf("epsilon: got %v, want 0 or more", e)
	}
	return e
}

func (*layerNorm) Name() string                     { return weights.OpLayerNorm }
func (*layerNorm) MACs(in, out []graph.Shape) int64 { return 0 }

func (*layerNorm) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (n *layerNorm) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.OutShapes[0].Planes()
	t := step.Norm{
		Label: node.Label, In: node.In[0], Pixels: pixels, Scale: n.scale.Data, Shift: n.shift.Data, Epsilon: n.epsilon, Act: node.Act,
	}
	if pixels == 1 { // the channels are one group of a pixel
		t.Groups = 1
		return one(t.AddGroups(b)), nil
	}
	t.Groups = c
	return one(t.AddPixels(b)), nil
}
