package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// qlinear is a linear layer of a quantized vector.
type qlinear struct {
	sums
	result *step.Result // nil: float32
}

var qlinearKind = kind(weights.OpQLinear, 1, func(a *graph.Attrs, in []graph.Shape) (*qlinear, []graph.Shape) {
	i := a.Vector(in[0])
	s := a.Peek("weight", 2)
	if s == nil {
		a.Failf("tensor \"weight\": got none of rank 2, want [O %d]", i)
		return nil, nil
	}
	return &qlinear{parseSums(a, "bias", s[0], i), optionalResult(a)}, one(graph.Shape{s[0]})
})

func (n *qlinear) Name() string                     { return weights.OpQLinear }
func (n *qlinear) MACs(in, out []graph.Shape) int64 { return int64(n.weight.Len()) }

func (n *qlinear) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	w, zeros := step.Signed(n.weight.Bytes), step.Zeros(b, node.In[0])
	s, err := n.ready(b, w, func(int) []uint8 { return zeros }, n.result)
	if err != nil {
		return nil, err
	}
	l := step.QLinear{Label: node.Label, Weight: w, Sums: s, In: node.In[0], Result: n.result}
	return one(l.Add(b)), nil
}
