package passes

import (
	"math"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/kernel"
)

// DropActivations removes a ReLU whose input is never negative: behind another
// ReLU and a max pooling, for instance. The bits stay. A ReLU could change one of
// such a value only where it is -0, which no ReLU and no sum of its results is.
func DropActivations(g *graph.Graph) *graph.Graph {
	relu := kernel.Clamped(0, float32(math.Inf(1)))
	nonNegative := make([]bool, len(g.Values))
	stays := yes(len(g.Nodes))
	instead := map[int]int{} // for a value that goes
	for i := range g.Nodes {
		n := &g.Nodes[i]
		all := true
		for _, v := range n.In {
			if w, ok := instead[v]; ok {
				v = w
			}
			all = all && nonNegative[v]
		}
		if a, ok := activation(n); ok && all && a.Activation() == relu {
			in := n.In[0]
			if v, ok := instead[in]; ok {
				in = v
			}
			instead[n.Out[0]] = in
			stays[i] = false
			continue
		}
		if s, ok := n.Op.(graph.Signed); ok {
			sign := s.NonNegative(all)
			for _, v := range n.Out {
				nonNegative[v] = sign
			}
		}
	}
	if len(instead) == 0 {
		return g
	}
	g = g.Clone()
	g.Nodes = keep(g, stays)
	replace := func(values []int) {
		for k, v := range values {
			if w, ok := instead[v]; ok {
				values[k] = w
			}
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		replace(n.In)
		if w, ok := instead[n.Residual]; ok {
			n.Residual = w
		}
	}
	replace(g.Outputs)
	return g
}
