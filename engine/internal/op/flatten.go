package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// flatten turns [C H W] into [C*H*W].
type flatten struct{}

var flattenKind = kind(weights.OpFlatten, 1, func(a *graph.Attrs, in []graph.Shape) (flatten, []graph.Shape) {
	return flatten{}, one(graph.Shape{in[0].Elems()})
})

func (flatten) Name() string                     { return weights.OpFlatten }
func (flatten) MACs(in, out []graph.Shape) int64 { return 0 }
func (flatten) NonNegative(inputs bool) bool     { return inputs }

func (flatten) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	_, pixels := node.InShapes[0].Planes()
	return one(step.Vector(b, node.Node, node.In[0], pixels)), nil
}
