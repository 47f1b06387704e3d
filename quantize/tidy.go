package quantize

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
)

// tidy returns m with its activations where a quantized operator can absorb them: in
// front of a concat, in front of a maximum, and none where nothing is negative. What
// the network computes stays the same, bit for bit, and values keep their names. Nodes to
// keep stay where they are.
func tidy(m *weights.Model, keep map[string]bool) *weights.Model {
	c := *m
	c.Graph.Nodes = slices.Clone(m.Graph.Nodes)
	for moveActivation(&c, keep) {
	}
	dropActivations(&c, keep)
	return &c
}

// clamps says whether an operator limits elements and does nothing else.
func clamps(op string) bool {
	return op == weights.OpReLU || op == weights.OpReLU6 || op == weights.OpClip
}

// moveActivation moves one activation in front of the concat or the maximum that it
// follows, if there is one whose result nothing else reads. A node to keep stays.
func moveActivation(m *weights.Model, keep map[string]bool) bool {
	g := index(m)
	for i := range m.Graph.Nodes {
		a := &m.Graph.Nodes[i]
		if !element.Is(a.Op) || keep[a.Name] {
			continue
		}
		v := a.Inputs[0]
		p, ok := g.producer[v]
		if !ok || g.reads[v] != 1 {
			continue
		}
		before := &m.Graph.Nodes[p]
		if before.Op != weights.OpConcat && (before.Op != weights.OpMaxPool || !clamps(a.Op)) {
			continue
		}
		nodes := slices.Clone(m.Graph.Nodes[:p])
		joined := *before
		joined.Inputs = nil
		for k, x := range before.Inputs {
			moved := *a
			moved.Name = g.fresh(fmt.Sprintf("%s|%d", a.Name, k))
			moved.Inputs, moved.Outputs = []string{x}, []string{g.fresh(fmt.Sprintf("%s|%d", a.Outputs[0], k))}
			nodes = append(nodes, moved)
			joined.Inputs = append(joined.Inputs, moved.Outputs[0])
		}
		joined.Outputs = a.Outputs
		nodes = append(nodes, joined)
		nodes = append(nodes, m.Graph.Nodes[p+1:i]...)
		m.Graph.Nodes = append(nodes, m.Graph.Nodes[i+1:]...)
		return true
	}
	return false
}

// dropActivations removes a ReLU of what is never negative.
func dropActivations(m *weights.Model, keep map[string]bool) {
	positive, instead := map[string]bool{}, map[string]string{}
	var nodes []weights.Node
	for _, n := range m.Graph.Nodes {
		n.Inputs = slices.Clone(n.Inputs)
		all := true
		for k, v := range n.Inputs {
			if w, ok := instead[v]; ok {
				n.Inputs[k] = w
			}
			all = all && positive[n.Inputs[k]]
		}
		if n.Op == weights.OpReLU && all && !keep[n.Name] && !slices.Contains(m.Graph.Outputs, n.Outputs[0]) {
			instead[n.Outputs[0]] = n.Inputs[0]
			continue
		}
		switch n.Op {
		case weights.OpReLU, weights.OpReLU6, weights.OpSigmoid, weights.OpHardSigmoid:
			all = true
		case weights.OpMaxPool, weights.OpAvgPool, weights.OpGlobalAvgPool, weights.OpShuffle, weights.OpSplit, weights.OpSlice,
			weights.OpConcat, weights.OpDynamicShuffle, weights.OpFlatten:
		case weights.OpAdd, weights.OpMul:
			all = all && len(n.Inputs) == 2
		default:
			all = false
		}
		for _, v := range n.Outputs {
			positive[v] = all
		}
		nodes = append(nodes, n)
	}
	m.Graph.Nodes = nodes
}

// graph is what is asked of a model's graph.
type graph struct {
	producer map[string]int // of a value: its node
	reads    map[string]int // how often: by nodes, and as an output
	names    map[string]bool
}

func index(m *weights.Model) *graph {
	g := &graph{map[string]int{}, map[string]int{}, map[string]bool{}}
	for _, v := range m.Graph.Inputs {
		g.names[v.Name] = true
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		g.names[n.Name] = true
		for _, v := range n.Outputs {
			g.producer[v], g.names[v] = i, true
		}
		for _, v := range n.Inputs {
			g.reads[v]++
		}
	}
	for _, v := range m.Graph.Outputs {
		g.reads[v]++
	}
	return g
}

// fresh returns a name that neither a node nor a value has: the one that is asked for,
// or one like it.
func (g *graph) fresh(name string) string {
	for k, base := 2, name; g.names[name]; k++ {
		name = fmt.Sprintf("%s.%d", base, k)
	}
	g.names[name] = true
	return name
}
