package passes

import "github.com/riffle-ml/riffle/engine/internal/graph"

// activation returns the function that node n applies, if it is an activation.
func activation(n *graph.Node) (graph.Activation, bool) {
	a, ok := n.Op.(graph.Activation)
	return a, ok
}

// keep returns g's nodes for which keep is true.
func keep(g *graph.Graph, keep []bool) []graph.Node {
	var nodes []graph.Node
	for i, n := range g.Nodes {
		if keep[i] {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// yes returns n times true.
func yes(n int) []bool {
	b := make([]bool, n)
	for i := range b {
		b[i] = true
	}
	return b
}
