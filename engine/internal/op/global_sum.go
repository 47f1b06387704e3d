package op

import (
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// globalSum is the sum over the pixels of each plane: [C H W] to [C 1 1].
type globalSum struct{}

var globalSumKind = kind(weights.OpGlobalSum, 1, func(a *graph.Attrs, in []graph.Shape) (globalSum, []graph.Shape) {
	c, _, _ := a.Planes(in[0])
	return globalSum{}, one(graph.Shape{c, 1, 1})
})

func (globalSum) Name() string                     { return weights.OpGlobalSum }
func (globalSum) MACs(in, out []graph.Shape) int64 { return 0 }
func (globalSum) NonNegative(inputs bool) bool     { return inputs }

func (globalSum) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

// Lower: the kernel of a mean, whose sums are exact enough, and a factor.
func (globalSum) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	c, pixels := node.InShapes[0].Planes()
	factor := step.Affine{
		Label: node.Label, In: step.Mean(b, node.Label, node.In[0], pixels), Pixels: 1, Act: node.Act,
		Scale: slices.Repeat([]float32{float32(pixels)}, c), Shift: make([]float32, c),
	}
	return one(factor.Add(b)), nil
}
