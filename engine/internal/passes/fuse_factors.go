package passes

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/kernel"
)

// FuseFactors lets a node that can multiply the channels that it reads by a factor each
// do what a product before it does, where nothing else reads that product: the end of a
// squeeze and excitation. The pixels are then read once, and not written in between.
func FuseFactors(g *graph.Graph) *graph.Graph {
	g = g.Clone()
	producers, readers := g.Producers(), g.Readers()
	stays := yes(len(g.Nodes))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		op, ok := n.Op.(graph.Absorber)
		if !ok || len(n.In) != 1 || len(n.Factors) > 0 || n.Residual == n.In[0] {
			continue
		}
		p := producers[n.In[0]]
		if p == graph.None || readers[n.In[0]] != 1 || !op.Absorbs(g.Shapes(n.In), g.Shapes(n.Out)).Factors {
			continue
		}
		product := &g.Nodes[p]
		s, ok := product.Op.(graph.Scaling)
		if !ok || product.Act != (kernel.Activation{}) || product.Residual != graph.None {
			continue
		}
		if channels, factors, ok := s.Scales(g.Shapes(product.In)); ok {
			n.In[0], n.Factors = product.In[channels], []int{product.In[factors]}
			stays[p] = false
		}
	}
	g.Nodes = keep(g, stays)
	return g
}
