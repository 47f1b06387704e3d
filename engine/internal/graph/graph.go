package graph

import "github.com/riffle-ml/riffle/kernel"

// Graph is a checked network. Nodes stand in topological order, every value is
// written once, and a value keeps its number from pass to pass.
type Graph struct {
	Values  []Value
	Nodes   []Node
	Input   int   // value
	Outputs []int // values
}

// Value is one tensor of the graph.
type Value struct {
	Name string
	Shape
}

// Node is an operator with what it reads and writes.
type Node struct {
	Name    string
	Op      Operator
	In, Out []int // values

	// What passes attached to the node's epilogue. The node computes
	// Act(its own result + Residual) into its first output.
	Act      kernel.Activation
	Residual int // value, or None

	// Factors has at most one value: with one element for each channel of the first
	// input, by which that channel's pixels are multiplied before the node reads them.
	Factors []int
}

// None is no value: of a Residual, of a producer.
const None = -1

// Reads returns the values that n reads, its residual and its factors included.
func (n *Node) Reads() []int {
	r := append(n.In[:len(n.In):len(n.In)], n.Factors...)
	if n.Residual != None {
		r = append(r, n.Residual)
	}
	return r
}

// Shapes returns the shapes of values.
func (g *Graph) Shapes(values []int) []Shape {
	s := make([]Shape, len(values))
	for i, v := range values {
		s[i] = g.Values[v].Shape
	}
	return s
}

// Producers returns, for each value, the node that writes it: None for the input.
func (g *Graph) Producers() []int {
	p := make([]int, len(g.Values))
	for v := range p {
		p[v] = None
	}
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Out {
			p[v] = i
		}
	}
	return p
}

// Readers returns, for each value, how often it is read: by nodes, as a
// residual, and as an output of the graph.
func (g *Graph) Readers() []int {
	r := make([]int, len(g.Values))
	for i := range g.Nodes {
		for _, v := range g.Nodes[i].Reads() {
			r[v]++
		}
	}
	for _, v := range g.Outputs {
		r[v]++
	}
	return r
}

// Clone returns a copy of g whose nodes and values may be changed. Operators are
// shared: nothing changes an operator.
func (g *Graph) Clone() *Graph {
	c := &Graph{
		Values:  append([]Value(nil), g.Values...),
		Nodes:   append([]Node(nil), g.Nodes...),
		Input:   g.Input,
		Outputs: append([]int(nil), g.Outputs...),
	}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		n.In = append([]int(nil), n.In...)
		n.Out = append([]int(nil), n.Out...)
		n.Factors = append([]int(nil), n.Factors...)
	}
	return c
}
