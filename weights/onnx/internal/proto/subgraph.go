package proto

// Captured lists the values from outside that the graphs in the node's attributes read;
// one may be there more than once.
func (n *Node) Captured() (names []string) {
	for _, a := range n.Attrs {
		if a.Graph == nil {
			continue
		}
		own := map[string]bool{}
		a.Graph.Defines(own)
		for _, name := range a.Graph.reads() {
			if !own[name] {
				names = append(names, name)
			}
		}
	}
	return names
}

func (g *Graph) reads() (names []string) {
	for _, n := range g.Nodes {
		names = append(append(names, n.Inputs...), n.Captured()...)
	}
	for _, o := range g.Outputs {
		names = append(names, o.Name)
	}
	return names
}

// Defines adds to names those that the graph defines, its subgraphs' among them.
func (g *Graph) Defines(names map[string]bool) {
	for _, t := range g.Initializers {
		names[t.Name] = true
	}
	for _, v := range g.Inputs {
		names[v.Name] = true
	}
	for _, n := range g.Nodes {
		for _, o := range n.Outputs {
			names[o] = true
		}
		for _, a := range n.Attrs {
			if a.Graph != nil {
				a.Graph.Defines(names)
			}
		}
	}
}
