package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// shuffle permutes channels by a fixed table: y[c] = x[perm[c]]. It moves nothing.
type shuffle struct{ perm []int }

var shuffleKind = kind(weights.OpShuffle, 1, func(a *graph.Attrs, in []graph.Shape) (shuffle, []graph.Shape) {
	n := shuffle{a.List("perm")}
	if err := graph.CheckBijection(n.perm, in[0][0]); err != nil {
		a.Failf("perm: %v", err)
	}
	return n, in
})

func (shuffle) Name() string                     { return weights.OpShuffle }
func (shuffle) MACs(in, out []graph.Shape) int64 { return 0 }
func (shuffle) NonNegative(inputs bool) bool     { return inputs }

func (n shuffle) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	t := make(plan.Tensor, len(n.perm))
	for i, c := range n.perm {
		t[i] = node.In[0][c]
	}
	return one(t), nil
}
