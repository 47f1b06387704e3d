package passes

import (
	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/kernel"
)

// FuseResiduals makes add(x, y) the residual of the node that computes y, where
// that node can absorb one, has no activation of its own, nothing else reads y,
// and x is there before the node runs. If both inputs would do, the second is y.
func FuseResiduals(g *graph.Graph) *graph.Graph {
	g = g.Clone()
	producers, readers := g.Producers(), g.Readers()
	stays := yes(len(g.Nodes))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if _, ok := n.Op.(graph.Sum); !ok || n.In[0] == n.In[1] {
			continue
		}
		for k := 1; k >= 0; k-- {
			y, x := n.In[k], n.In[1-k]
			p := producers[y]
			if p == graph.None || readers[y] != 1 || producers[x] >= p {
				continue
			}
			before := &g.Nodes[p]
			op, ok := before.Op.(graph.Absorber)
			if !ok || before.Residual != graph.None || before.Act != (kernel.Activation{}) ||
				!op.Absorbs(g.Shapes(before.In), g.Shapes(before.Out)).Residual {
				continue
			}
			before.Residual, before.Act = x, n.Act
			before.Out[0] = n.Out[0]
			producers[n.Out[0]] = p
			stays[i] = false
			break
		}
	}
	g.Nodes = keep(g, stays)
	return g
}
