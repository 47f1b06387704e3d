package op

import (
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/weights"
)

// chain is nodes that become one step, each of which alone reads what the one before it
// writes: a convolution, a window over its planes, and a pointwise convolution of those.
type chain struct {
	expand, window, project int // nodes; graph.None: the chain has none
	cut                     step.ChainCut
}

// last is the node at which the chain is lowered: what the others read is there too.
func (c *chain) last() int { return max(c.window, c.project) }

// chains finds the chains of g that are worth it, and returns each at all of its nodes.
func chains(b *plan.Builder, g *graph.Graph) map[int]*chain {
	if !slices.ContainsFunc(g.Nodes, func(n graph.Node) bool { return windowed(g, &n) }) {
		return nil
	}
	found := map[int]*chain{}
	producers, reader := g.Producers(), onlyReaders(g)
	free := func(i int) bool { return i != graph.None && found[i] == nil }
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !windowed(g, n) || !free(i) {
			continue
		}
		c := chain{expand: graph.None, window: i, project: graph.None}
		if p := producers[n.In[0]]; free(p) && reader[n.In[0]] == i && expands(g, &g.Nodes[p]) {
			c.expand = p
		}
		if r := reader[n.Out[0]]; free(r) && projects(g, &g.Nodes[r], n.Out[0]) {
			c.project = r
		}
		alternatives := []chain{c}
		if c.expand != graph.None && c.project != graph.None {
			alternatives = append(alternatives, chain{expand: c.expand, window: i, project: graph.None}, chain{expand: graph.None, window: i, project: c.project})
		}
		for _, c := range alternatives {
			if s := c.step(g); s != nil && s.Pays(b) {
				c.cut = s.ChainCut
				for _, k := range []int{c.expand, c.window, c.project} {
					if k != graph.None {
						found[k] = &c
					}
				}
				break
			}
		}
	}
	return found
}

// onlyReaders returns, for each value, the node that reads it, where nothing else does.
func onlyReaders(g *graph.Graph) []int {
	count, reader := g.Readers(), make([]int, len(g.Values))
	for v := range reader {
		reader[v] = graph.None
	}
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			if count[v] == 1 {
				reader[v] = i
			}
		}
	}
	for _, v := range g.Outputs {
		reader[v] = graph.None
	}
	return reader
}

// windowed says whether n computes each plane from one alone.
func windowed(g *graph.Graph, n *graph.Node) bool {
	switch x := n.Op.(type) {
	case *conv:
		in, out := g.Values[n.In[0]].Shape, g.Values[n.Out[0]].Shape
		return x.depthwise(in) && !x.onePixel(in, out) && in[0] == out[0]
	case *pool: // the rows of a mean may depend on where in the plane they are
		return x.name == weights.OpMaxPool
	}
	return false
}

// expands says whether n is a product whose planes a window may read as they are made.
func expands(g *graph.Graph, n *graph.Node) bool {
	x, ok := n.Op.(*conv)
	if !ok || x.groups > 1 || len(n.Factors) > 0 || x.threes() {
		return false
	}
	in, out := g.Values[n.In[0]].Shape, g.Values[n.Out[0]].Shape
	return !x.onePixel(in, out) && !x.depthwise(in)
}

// projects says whether n is a product of the planes of value v alone.
func projects(g *graph.Graph, n *graph.Node, v int) bool {
	x, ok := n.Op.(*conv)
	return ok && x.groups == 1 && x.pointwise() && len(n.Factors) == 0 && n.In[0] == v &&
		!x.onePixel(g.Values[v].Shape, g.Values[n.Out[0]].Shape)
}

// step is the chain as a step that has no planes yet; nil where it is no chain.
func (c *chain) step(g *graph.Graph) *step.Chain {
	if c.expand == graph.None && c.project == graph.None {
		return nil
	}
	expand, window, project := c.nodes(func(i int) *Node {
		n := &g.Nodes[i]
		return &Node{In: make([]plan.Tensor, 1), InShapes: g.Shapes(n.In), OutShapes: g.Shapes(n.Out)}
	})
	return c.of(g, expand, window, project)
}

// nodes is the chain's, as node makes them; expand and project are nil where it has none.
func (c *chain) nodes(node func(i int) *Node) (expand, window, project *Node) {
	at := func(i int) *Node {
		if i == graph.None {
			return nil
		}
		return node(i)
	}
	return at(c.expand), at(c.window), at(c.project)
}

// of is the chain of these nodes; expand and project may be nil.
func (c *chain) of(g *graph.Graph, expand, window, project *Node) *step.Chain {
	in, out := window.InShapes[0], window.OutShapes[0]
	s := &step.Chain{C: in[0], W: in[2], OW: out[2], In: window.In[0]}
	switch x := g.Nodes[c.window].Op.(type) {
	case *conv:
		s.Window, s.Label = x.planes(window), window.Label
	case *pool:
		if expand == nil { // whose planes may be of any type
			return nil
		}
		s.Window, s.Label = x.step(window), window.Label
	}
	if project != nil {
		s.Project, s.Label = g.Nodes[c.project].Op.(*conv).product(project), project.Label
	}
	if expand != nil {
		x := g.Nodes[c.expand].Op.(*conv)
		s.Expand, s.Copied, s.Label = x.product(expand), !x.pointwise(), expand.Label
	}
	return s
}

// lower adds the steps of the chain.
func (c *chain) lower(b *plan.Builder, g *graph.Graph, node func(i int) *Node) ([]plan.Tensor, error) {
	expand, window, project := c.nodes(node)
	s := c.of(g, expand, window, project)
	s.ChainCut = c.cut
	if expand != nil {
		if x := g.Nodes[c.expand].Op.(*conv); !x.pointwise() {
			f := x.copies(b, expand, s.Expand)
			if s.CopiesFit(b, f) {
				s.Copies = f
			} else if s.Expand.Read(b, f); b.Err() != nil {
				return nil, b.Err()
			}
		}
	}
	return one(s.Add(b)), nil
}
