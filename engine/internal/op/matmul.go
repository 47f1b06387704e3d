package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// matMul is a matrix product of two values, for each group of their channels. The planes of
// a group are the rows of its matrix, or its columns.
type matMul struct {
	groups             int
	columnsA, columnsB bool
	m, k, n            int
}

var matMulKind = kind(weights.OpMatMul, 2, func(a *graph.Attrs, in []graph.Shape) (*matMul, []graph.Shape) {
	n := &matMul{groups: a.Ints("groups", 1, 1<<20, 1)[0], columnsA: a.Flag("columnsa"), columnsB: a.Flag("columnsb")}
	ca, ha, wa := a.Planes(in[0])
	cb, hb, wb := a.Planes(in[1])
	if ca%n.groups != 0 || cb%n.groups != 0 {
		a.Failf("groups: got %d, want a divisor of the %d and %d channels", n.groups, ca, cb)
		return n, in[:1]
	}
	n.m, n.k = ca/n.groups, ha*wa
	if n.columnsA {
		n.m, n.k = n.k, n.m
	}
	k, out := cb/n.groups, graph.Shape{0, hb, wb}
	n.n = hb * wb
	if n.columnsB {
		k, n.n, out = n.n, k, graph.Shape{0, 1, k}
	}
	if n.k != k {
		a.Failf("inputs: got shapes %v and %v, matrices of %d columns and of %d rows, want as many", in[0], in[1], n.k, k)
		return n, in[:1]
	}
	out[0] = int(min(limit.Product(n.groups, n.m), 1<<31-1))
	return n, one(out)
})

func (n *matMul) Name() string { return weights.OpMatMul }

func (n *matMul) MACs(in, out []graph.Shape) int64 { return limit.Product(n.groups, n.m, n.k, n.n) }
func (n *matMul) NonNegative(inputs bool) bool     { return inputs }

func (n *matMul) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (n *matMul) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	y := node.In[1]
	if n.columnsB {
		o := step.Order{Dims: []int{n.groups, n.k, n.n}, Strides: []int{n.n * n.k, 1, n.k}}
		y = step.Rearrange(b, node.Label, o, y, n.k, n.groups*n.k, n.n)
	}
	t := step.MatMul{
		Label: node.Label, Groups: n.groups, M: n.m, K: n.k, N: n.n, A: node.In[0], Columns: n.columnsA, B: y, Act: node.Act,
	}
	return one(t.Add(b)), nil
}
