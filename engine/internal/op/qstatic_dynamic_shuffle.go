package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// qstaticDynamicShuffle is a staticDynamicShuffle of form 0 of a quantized value: a
// grouped product whose second summand is the plane that the generator chose, times a
// gate. The generator is float32 and reads exact means.
type qstaticDynamicShuffle struct {
	*generator
	sums
	gate   *weights.Tensor
	result step.Result
}

var qstaticDynamicShuffleKind = kind(weights.OpQStaticDynamicShuffle, 1, func(a *graph.Attrs, in []graph.Shape) (*qstaticDynamicShuffle, []graph.Shape) {
	c, _, _ := a.Planes(in[0])
	n := &qstaticDynamicShuffle{generator: parseGenerator(a, c)}
	if n.generator == nil {
		return n, in
	}
	n.sums = parseSums(a, "shift", c, c/n.groups)
	n.gate, n.result = a.Tensor("gate", c), parseResult(a)
	return n, in
})

func (*qstaticDynamicShuffle) Name() string { return weights.OpQStaticDynamicShuffle }

func (n *qstaticDynamicShuffle) MACs(in, out []graph.Shape) int64 {
	c, pixels := out[0].Planes()
	return n.macs() + int64(n.weight.Len()+c)*int64(pixels)
}

func (n *qstaticDynamicShuffle) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	x := node.In[0]
	t := n.add(b, node)
	residual, err := t.route(b, x, orderGrouped)
	if err != nil {
		return nil, err
	}
	b.Add(plan.Label{Node: node.Node, Op: "generator"}, t.work(), 1, t)

	c, per := len(x), n.a*n.b
	_, pixels := node.OutShapes[0].Planes()
	zeros := step.Zeros(b, x)
	w := step.Signed(n.weight.Bytes)
	s, err := n.ready(b, w, func(row int) []uint8 { i := row % n.groups; return zeros[i*per : (i+1)*per] }, &n.result)
	if err != nil {
		return nil, err
	}
	out := n.result.Planes(b, c, pixels)
	g := step.QGEMM{
		Label: node.Label, Groups: n.groups, M: per, K: per, N: pixels, Weight: make([]int8, len(w)), Result: &n.result,
		Sums: &step.Sums{Bias: make([]int32, c), Mult: make([]float32, c)}, Gate: make([]float32, c),
		In: x, Residual: residual, Out: make(plan.Tensor, c),
	}
	for i := range n.groups {
		for j := range per {
			o, row := j*n.groups+i, i*per+j
			copy(g.Weight[row*per:(row+1)*per], w[o*per:])
			g.Bias[row], g.Mult[row], g.Gate[row], g.Out[row] = s.Bias[o], s.Mult[o], n.gate.Data[o], out[o]
		}
	}
	_, err = g.Add(b)
	return one(out), err
}
