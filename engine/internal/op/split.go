package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// split cuts channels into consecutive outputs. It moves nothing.
type split struct{ sizes []int }

var splitKind = kind(weights.OpSplit, 1, func(a *graph.Attrs, in []graph.Shape) (split, []graph.Shape) {
	n := split{a.List("sizes")}
	var out []graph.Shape
	left := in[0][0]
	for _, c := range n.sizes {
		if c < 1 || c > left {
			left = -1
			break
		}
		left -= c
		out = append(out, in[0].WithChannels(c))
	}
	if left != 0 {
		a.Failf("sizes: got %v, want positive numbers whose sum is %d", n.sizes, in[0][0])
	}
	return n, out
})

func (split) Name() string                     { return weights.OpSplit }
func (split) MACs(in, out []graph.Shape) int64 { return 0 }
func (split) NonNegative(inputs bool) bool     { return inputs }

func (n split) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	x := node.In[0]
	var out []plan.Tensor
	for _, c := range n.sizes {
		out = append(out, x[:c:c])
		x = x[c:]
	}
	return out, nil
}
