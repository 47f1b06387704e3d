package op

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// staticDynamicShuffle stands in for a square pointwise convolution: a learned
// matrix with few weights plus a permutation that is chosen for each input. Its two
// forms are [grouped] and [kronecker].
type staticDynamicShuffle struct {
	*generator
	form interface {
		macs(channels int) int64 // for each pixel
		lower(b *plan.Builder, node *Node, g *generator) (plan.Tensor, error)
	}
}

var staticDynamicShuffleKind = kind(weights.OpStaticDynamicShuffle, 1, func(a *graph.Attrs, in []graph.Shape) (staticDynamicShuffle, []graph.Shape) {
	c, _, _ := a.Planes(in[0])
	n := staticDynamicShuffle{generator: parseGenerator(a, c)}
	if n.generator == nil {
		return n, in
	}
	if g := n.generator; a.MustInts("form", 0, 1, 0)[0] == 1 {
		n.form = &kronecker{
			a.Tensor("wa", g.pairs, g.a, g.a), a.Tensor("wb", g.pairs, g.b, g.b), a.Tensor("scale", c), a.Tensor("shift", c),
		}
	} else {
		n.form = &grouped{a.Tensor("weight", c, c/g.groups), a.Tensor("gate", c), a.Tensor("shift", c)}
	}
	return n, in
})

func (staticDynamicShuffle) Name() string { return weights.OpStaticDynamicShuffle }

func (n staticDynamicShuffle) MACs(in, out []graph.Shape) int64 {
	c, pixels := out[0].Planes()
	return n.macs() + n.form.macs(c)*int64(pixels)
}

func (staticDynamicShuffle) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (n staticDynamicShuffle) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	y, err := n.form.lower(b, node, n.generator)
	return one(y), err
}

// grouped is y[o] = sum over c in group i of weight[o,c]*x[c] + gate[o]*x[pi[o]] +
// shift[o], with o = j*groups+i: one GEMM a group, with a gathered, scaled residual.
type grouped struct{ weight, gate, shift *weights.Tensor }

func (f *grouped) macs(channels int) int64 { return int64(len(f.weight.Data) + channels) }

func (f *grouped) lower(b *plan.Builder, node *Node, g *generator) (plan.Tensor, error) {
	x := node.In[0]
	t := g.add(b, node)
	residual, err := t.route(b, x, orderGrouped)
	if err != nil {
		return nil, err
	}
	b.Add(plan.Label{Node: node.Node, Op: "generator"}, t.work(), 1, t)

	c, n := len(x), g.a*g.b
	_, pixels := node.OutShapes[0].Planes()
	out := b.NewPlanes(weights.Float32, c, pixels)
	m := newProduct(node, g.groups, n, n, pixels)
	m.Act, m.In, m.Residual = node.Act, x, residual
	m.Scale, m.Out = make([]float32, c), make(plan.Tensor, c)
	for i := range g.groups {
		for j := range n {
			o, row := j*g.groups+i, i*n+j
			copy(m.Weight[row*n:(row+1)*n], f.weight.Data[o*n:])
			m.Bias[row], m.Scale[row], m.Out[row] = f.shift.Data[o], f.gate.Data[o], out[o]
		}
	}
	m.Add(b, pixels)
	return out, nil
}

// kronecker is Y = (As + P_sigma) X (Bs + P_tau)^T, scaled and shifted, with a
// group's channels as an a x b matrix X of planes. It takes two GEMMs whose
// gathered residuals are the permutations:
//
//	Z[r][q]  = sum_k Bs[q,k] X[r][k] + X[r][tau(q)]
//	Y[r][q]  = scale*(sum_k As[r,k] Z[k][q] + Z[sigma(r)][q]) + shift
type kronecker struct{ wa, wb, scale, shift *weights.Tensor }

func (f *kronecker) macs(channels int) int64 {
	return int64(channels) * int64(f.wa.Shape[1]+f.wb.Shape[1])
}

func (f *kronecker) lower(b *plan.Builder, node *Node, g *generator) (plan.Tensor, error) {
	x := node.In[0]
	c, n := len(x), g.a*g.b
	_, pixels := node.OutShapes[0].Planes()
	z := b.NewPlanes(weights.Float32, c, pixels)
	t := g.add(b, node)
	columns, err := t.route(b, x, orderColumns)
	if err != nil {
		return nil, err
	}
	rows, err := t.route(b, z, orderRows)
	if err != nil {
		return nil, err
	}
	b.Add(plan.Label{Node: node.Node, Op: "generator"}, t.work(), 1, t)

	first := newProduct(node, g.groups*g.a, g.b, g.b, pixels)
	first.In, first.Residual, first.Out = x, columns, z
	for i := range g.groups {
		for r := range g.a {
			copy(first.Weight[(i*g.a+r)*g.b*g.b:], f.wb.Data[i%g.pairs*g.b*g.b:(i%g.pairs+1)*g.b*g.b])
		}
	}
	first.Add(b, pixels)

	out := b.NewPlanes(weights.Float32, c, pixels)
	second := newProduct(node, g.groups*g.b, g.a, g.a, pixels)
	second.Act, second.In, second.Residual = node.Act, make(plan.Tensor, c), rows
	second.Scale, second.Out = make([]float32, c), make(plan.Tensor, c)
	for i := range g.groups {
		for q := range g.b {
			for r := range g.a {
				row, o := (i*g.b+q)*g.a+r, (r*g.b+q)*g.groups+i
				second.In[row], second.Out[row] = z[i*n+r*g.b+q], out[o]
				second.Bias[row], second.Scale[row] = f.shift.Data[o], f.scale.Data[o]
				for k := range g.a {
					second.Weight[row*g.a+k] = f.scale.Data[o] * f.wa.Data[(i%g.pairs*g.a+r)*g.a+k]
				}
			}
		}
	}
	second.Add(b, pixels)
	return out, nil
}

// newProduct is a GEMM of groups products m x k over so many pixels, with weights
// and a bias of its own, all 0.
func newProduct(node *Node, groups, m, k, pixels int) *step.GEMM {
	return &step.GEMM{
		Label: node.Label, Groups: groups, M: m, K: k, Rows: 1, N: pixels, Plain: true,
		Spare: true, Weight: make([]float32, groups*m*k), Bias: make([]float32, groups*m),
	}
}
