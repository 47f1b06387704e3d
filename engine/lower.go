package engine

import (
	"fmt"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// makePlan lowers the fused graph to steps. It may pack the tensors in spare where
// they are.
func makePlan(g *graph, spare map[*weights.Tensor]bool, set *kernel.Set, threads, maxArena int) (*plan, error) {
	p := &planner{plan: &plan{set: set, threads: threads}, g: g, spare: spare, tensor: make([]tensor, len(g.values))}
	p.input()
	for i := range g.nodes {
		n := &g.nodes[i]
		if n.op == "" {
			continue
		}
		if err := p.lower(n); err != nil {
			return nil, &ModelError{Node: n.name, Op: n.op, Msg: err.Error(), Err: err}
		}
	}
	p.outputs()
	if err := p.finish(maxArena); err != nil {
		return nil, err
	}
	return p.plan, nil
}

func (p *planner) lower(n *node) error {
	x := p.tensor[n.in[0]]
	out := &p.tensor[n.out[0]]
	switch n.op {
	case weights.OpConv:
		*out = p.conv(n, x)
	case weights.OpAffine, weights.OpReLU, weights.OpReLU6:
		*out = p.affine(n, x)
	case weights.OpAdd:
		*out = p.addition(n, x, p.tensor[n.in[1]])
	case weights.OpConcat:
		var t tensor
		for _, v := range n.in {
			t = append(t, p.tensor[v]...)
		}
		*out = t
	case weights.OpSplit:
		at := 0
		for k, c := range n.sizes {
			p.tensor[n.out[k]] = x[at : at+c]
			at += c
		}
	case weights.OpSlice:
		var t tensor
		for c := n.slice[0]; c < n.slice[1]; c += n.slice[2] {
			t = append(t, x[c])
		}
		*out = t
	case weights.OpShuffle:
		t := make(tensor, len(x))
		for i, c := range n.perm {
			t[i] = x[c]
		}
		*out = t
	case weights.OpMaxPool, weights.OpAvgPool:
		*out = p.pool(n, x)
	case weights.OpGlobalAvgPool:
		*out = p.mean(n, x)
	case weights.OpFlatten:
		_, pixels := p.g.values[n.in[0]].planes()
		*out = p.vector(n.name, x, pixels)
	case weights.OpLinear:
		*out = p.linear(n, x, n.weight.Data)
	case weights.OpSoftmax:
		*out = p.softmax(n, x)
	case weights.OpDynamicShuffle:
		*out = p.dynamicShuffle(n, x)
	case weights.OpStaticDynamicShuffle:
		if n.dynamic.kronecker {
			*out = p.kronecker(n, x)
		} else {
			*out = p.grouped(n, x)
		}
	default:
		return fmt.Errorf("unknown operator")
	}
	return nil
}

// biasOf returns the bias, or zeros.
func biasOf(n *node, outputs int) []float32 {
	if n.bias != nil {
		return n.bias.Data
	}
	return make([]float32, outputs)
}
