package engine

import (
	"fmt"

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
	ISA             string             // of the kernels: generic, avx2, neon
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
func (i Info) InputLen() int { return shape(i.Input).elems() }

// OutputLen is the number of elements that one sample's outputs have together.
func (i Info) OutputLen() int {
	n := 0
	for _, o := range i.Outputs {
		n += shape(o.Shape).elems()
	}
	return n
}

// Info describes the model. It costs nothing to ask again. The caller must not
// change what it points to.
func (m *Model) Info() Info { return m.info }

// describe counts before fusion, so that what it says does not depend on how
// the network is run.
func describe(m *weights.Model, g *graph) Info {
	info := Info{Name: m.Name, Input: g.values[g.input].shape, Labels: m.Labels, Provenance: m.Provenance}
	for _, v := range g.output {
		info.Outputs = append(info.Outputs, Output{g.values[v].name, g.values[v].shape})
	}
	for i := range g.nodes {
		n, wn := &g.nodes[i], &m.Graph.Nodes[i]
		ni := NodeInfo{Name: n.name, Op: n.op, MACs: macs(g, n)}
		for _, v := range n.out {
			ni.Outputs = append(ni.Outputs, g.values[v].shape)
		}
		for _, t := range wn.Tensors {
			ni.Parameters += len(m.Tensor(t).Data)
		}
		info.MACs += ni.MACs
		info.Nodes = append(info.Nodes, ni)
	}
	for i := range m.Tensors {
		info.Parameters += len(m.Tensors[i].Data)
	}
	return info
}

// macs returns the multiply-adds of a node for one sample.
func macs(g *graph, n *node) int64 {
	out := g.values[n.out[0]].shape
	c, px := out.planes()
	switch {
	case n.op == weights.OpConv || n.op == weights.OpLinear:
		return int64(len(n.weight.Data)) / int64(c) * int64(c) * int64(px)
	case n.dynamic != nil:
		d := n.dynamic
		t := int64(len(d.w1.Data) + len(d.w2.Data))
		switch {
		case d.kronecker:
			t += int64(c) * int64(d.a+d.b) * int64(px)
		case d.static:
			t += int64(len(n.weight.Data)+c) * int64(px)
		}
		return t
	}
	return 0
}

// checkLabels fails if there are labels, but not one for each class of the
// first output.
func checkLabels(m *weights.Model, g *graph) error {
	want := g.values[g.output[0]].elems()
	if got := len(m.Labels); got != 0 && got != want {
		return &ModelError{Node: "output " + g.values[g.output[0]].name, Msg: fmt.Sprintf("got %d labels, want %d", got, want)}
	}
	return nil
}

// checkPreprocess fails if pictures would not become the network's input.
func checkPreprocess(m *weights.Model, g *graph) error {
	p := m.Preprocess
	if p == nil {
		return nil
	}
	want := shape{3, p.Crop[0], p.Crop[1]}
	if p.Order == "gray" {
		want[0] = 1
	}
	if in := g.values[g.input]; !in.equal(want) {
		return &ModelError{Node: "input " + in.name, Msg: fmt.Sprintf("got preprocessing to %v, want the network's %v", want, in.shape)}
	}
	return nil
}
