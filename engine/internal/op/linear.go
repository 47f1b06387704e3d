package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// linear is y = W x + b on a vector.
type linear struct{ weight, bias *weights.Tensor } // O x I; O, or nil

var linearKind = kind(weights.OpLinear, 1, func(a *graph.Attrs, in []graph.Shape) (*linear, []graph.Shape) {
	i := a.Vector(in[0])
	s := a.Peek("weight", 2)
	if s == nil {
		a.Failf("tensor \"weight\": got none of rank 2, want [O %d]", i)
		return nil, nil
	}
	return &linear{a.Tensor("weight", s[0], i), a.Optional("bias", s[0])}, one(graph.Shape{s[0]})
})

func (n *linear) Name() string                     { return weights.OpLinear }
func (n *linear) MACs(in, out []graph.Shape) int64 { return int64(len(n.weight.Data)) }

func (n *linear) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (n *linear) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	l := step.Linear{
		Label: node.Label, Weight: n.weight.Data, Bias: data(n.bias, node.OutShapes[0][0]), In: node.In[0], Act: node.Act,
		Halves: n.weight.DType == weights.Float16,
	}
	return one(l.Add(b)), nil
}
