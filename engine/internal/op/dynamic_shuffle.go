package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// dynamicShuffle permutes channels by a permutation that is chosen from them. It
// moves nothing: what reads its output reads through a table that the generator
// writes.
type dynamicShuffle struct{ *generator }

var dynamicShuffleKind = kind(weights.OpDynamicShuffle, 1, func(a *graph.Attrs, in []graph.Shape) (dynamicShuffle, []graph.Shape) {
	c, _, _ := a.Planes(in[0])
	return dynamicShuffle{parseGenerator(a, c)}, in
})

func (dynamicShuffle) Name() string                       { return weights.OpDynamicShuffle }
func (n dynamicShuffle) MACs(in, out []graph.Shape) int64 { return n.macs() }
func (dynamicShuffle) NonNegative(inputs bool) bool       { return inputs }

func (n dynamicShuffle) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	t := n.add(b, node)
	y, err := t.route(b, node.In[0], orderShuffle)
	if err != nil {
		return nil, err
	}
	b.Add(node.Label, t.work(), 1, t)
	return one(y), nil
}
