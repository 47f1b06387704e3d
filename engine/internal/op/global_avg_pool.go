package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// globalAvgPool is the mean over the pixels of each plane: [C H W] to [C 1 1].
type globalAvgPool struct{}

var globalAvgPoolKind = kind(weights.OpGlobalAvgPool, 1, func(a *graph.Attrs, in []graph.Shape) (globalAvgPool, []graph.Shape) {
	c, _, _ := a.Planes(in[0])
	return globalAvgPool{}, one(graph.Shape{c, 1, 1})
})

func (globalAvgPool) Name() string                     { return weights.OpGlobalAvgPool }
func (globalAvgPool) MACs(in, out []graph.Shape) int64 { return 0 }
func (globalAvgPool) NonNegative(inputs bool) bool     { return inputs }

func (globalAvgPool) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	_, pixels := node.InShapes[0].Planes()
	return one(step.Mean(b, node.Label, node.In[0], pixels)), nil
}
