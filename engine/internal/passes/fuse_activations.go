package passes

import "github.com/riffle-ml/riffle/engine/internal/graph"

// FuseActivations moves an activation into the epilogue of the node before it,
// where that node can absorb one and nothing else reads the value between them.
// Two activations in a row become one, where one function does what both do.
func FuseActivations(g *graph.Graph) *graph.Graph {
	g = g.Clone()
	producers, readers := g.Producers(), g.Readers()
	stays := yes(len(g.Nodes))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		a, ok := activation(n)
		if !ok {
			continue
		}
		p := producers[n.In[0]]
		if p == graph.None || readers[n.In[0]] != 1 {
			continue
		}
		before := &g.Nodes[p]
		if op, ok := before.Op.(graph.Absorber); !ok || !op.Absorbs(g.Shapes(before.In), g.Shapes(before.Out)).Activation {
			continue
		}
		act, ok := before.Act.Then(a.Activation())
		if ok {
			act, ok = act.Then(n.Act)
		}
		if !ok {
			continue
		}
		before.Act = act
		before.Out[0] = n.Out[0]
		producers[n.Out[0]] = p
		stays[i] = false
	}
	g.Nodes = keep(g, stays)
	return g
}
