package engine

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/weights"
)

// Info describes a loaded model. All sizes are of one sample.
type Info struct {
	Name       string   // the file's, may be empty
	Input      []int    // [C H W], or [N]
	Outputs    []Output // in the order Run writes them: the file's, then those of WithOutputs
	Labels     []string // class k is Labels[k]; as many as the first output has elements, or none
	Parameters int      // weights and biases, batch norms folded
	// MACs counts the multiply-adds of one sample: convolutions, linear layers
	// and the generators of dynamic shuffles; no pooling, adds or activations.
	MACs            int64
	Nodes           []NodeInfo         // in the order of the graph
	ISA             string             // of the kernels: generic, avx2, avxvnni, avx512, neon
	HalfArithmetic  bool               // WithHalfArithmetic was given
	Threads         int                // that one run may use, the caller's among them
	ActivationBytes int                // what a session takes, for each thread that computes samples of its own
	Provenance      weights.Provenance // what the file says of its weights; nobody vouches for it
}

// Output is one output of a model.
type Output struct {
	Name  string // of the value
	Shape []int  // [C H W], or [N]
}

// NodeInfo describes one node of the graph as the file has it, before fusion.
type NodeInfo struct {
	Name       string  // what WithOutputs takes
	Op         string  // one of the weights.Op constants
	Outputs    [][]int // shapes, [C H W] or [N]
	Parameters int     // elements of its tensors
	MACs       int64   // multiply-adds of one sample, as in Info.MACs
}

// InputLen is the number of elements of one sample.
func (i Info) InputLen() int { return graph.Shape(i.Input).Elems() }

// OutputLen is the number of elements that one sample's outputs have together.
func (i Info) OutputLen() int {
	n := 0
	for _, o := range i.Outputs {
		n += graph.Shape(o.Shape).Elems()
	}
	return n
}

// describe counts before the passes, so that what it says does not depend on how
// the network is run.
func describe(m *weights.Model, g *graph.Graph) Info {
	info := Info{Name: m.Name, Input: g.Values[g.Input].Shape, Labels: m.Labels, Provenance: m.Provenance}
	for _, v := range g.Outputs {
		info.Outputs = append(info.Outputs, Output{g.Values[v].Name, g.Values[v].Shape})
	}
	for i := range g.Nodes {
		n, wn := &g.Nodes[i], &m.Graph.Nodes[i]
		out := g.Shapes(n.Out)
		ni := NodeInfo{Name: n.Name, Op: n.Op.Name(), MACs: n.Op.MACs(g.Shapes(n.In), out)}
		for _, s := range out {
			ni.Outputs = append(ni.Outputs, s)
		}
		for _, t := range wn.Tensors {
			ni.Parameters += m.Tensor(t).Len()
		}
		info.MACs += ni.MACs
		info.Nodes = append(info.Nodes, ni)
	}
	for i := range m.Tensors {
		info.Parameters += m.Tensors[i].Len()
	}
	return info
}

// checkLabels fails if there are labels, but not one for each class of the first
// output. One logit may have two, see Model.Top.
func checkLabels(m *weights.Model, g *graph.Graph) error {
	first := g.Values[g.Outputs[0]]
	if got, want := len(m.Labels), first.Elems(); got != 0 && got != want && !(got == 2 && want == 1) {
		return &ModelError{Node: "output " + first.Name, Msg: fmt.Sprintf("got %d labels, want %d", got, want)}
	}
	return nil
}

// checkPreprocess fails if pictures would not become the network's input.
func checkPreprocess(m *weights.Model, g *graph.Graph) error {
	p := m.Preprocess
	if p == nil {
		return nil
	}
	want := graph.Shape{3, p.Crop[0], p.Crop[1]}
	if p.Order == "gray" {
		want[0] = 1
	}
	if in := g.Values[g.Input]; !in.Equal(want) {
		return &ModelError{Node: "input " + in.Name, Msg: fmt.Sprintf("got preprocessing to %v, want the network's %v", want, in.Shape)}
	}
	return nil
}
