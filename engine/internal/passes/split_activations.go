package passes

import "github.com/riffle-ml/riffle/engine/internal/graph"

// SplitActivations turns act(concat(a, b)) into concat(act(a), act(b)) where
// nothing else reads the concat. What computes a can then absorb the activation.
// The new activations stand in front of the concat, under the old one's name.
func SplitActivations(g *graph.Graph) *graph.Graph {
	producers, readers := g.Producers(), g.Readers()
	behind := map[int]int{} // a joiner, and the activation that moves in front of it
	gone := make([]bool, len(g.Nodes))
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if _, ok := activation(n); !ok {
			continue
		}
		p := producers[n.In[0]]
		if p == graph.None || readers[n.In[0]] != 1 {
			continue
		}
		if _, ok := g.Nodes[p].Op.(graph.Joiner); ok {
			behind[p], gone[i] = i, true
		}
	}
	if len(behind) == 0 {
		return g
	}
	old := g.Nodes
	g = g.Clone()
	g.Nodes = g.Nodes[:0:0]
	for i, n := range old {
		if gone[i] {
			continue
		}
		if a, ok := behind[i]; ok {
			act, in := old[a], make([]int, len(n.In))
			for k, v := range n.In {
				in[k] = len(g.Values)
				g.Values = append(g.Values, graph.Value{Name: g.Values[v].Name + "|" + act.Name, Shape: g.Values[v].Shape})
				g.Nodes = append(g.Nodes, graph.Node{Name: act.Name, Op: act.Op, In: []int{v}, Out: []int{in[k]}, Residual: graph.None})
			}
			n.In, n.Out = in, act.Out
		}
		g.Nodes = append(g.Nodes, n)
	}
	return g
}
