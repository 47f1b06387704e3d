package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// slice keeps channels start, start+step, ... below stop. It moves nothing.
type slice struct{ start, stop, step int }

var sliceKind = kind(weights.OpSlice, 1, func(a *graph.Attrs, in []graph.Shape) (slice, []graph.Shape) {
	c := in[0][0]
	r := a.MustInts("range", 0, c, 0, 1, 1)
	if r[0] >= r[1] || r[2] < 1 {
		a.Failf("range: got %v, want start < stop <= %d and step >= 1", r, c)
		return slice{}, nil
	}
	return slice{r[0], r[1], r[2]}, one(in[0].WithChannels((r[1] - r[0] + r[2] - 1) / r[2]))
})

func (slice) Name() string                     { return weights.OpSlice }
func (slice) MACs(in, out []graph.Shape) int64 { return 0 }
func (slice) NonNegative(inputs bool) bool     { return inputs }

func (n slice) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	var t plan.Tensor
	for c := n.start; c < n.stop; c += n.step {
		t = append(t, node.In[0][c])
	}
	return one(t), nil
}
