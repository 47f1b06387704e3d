package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// prune drops nodes that no output needs, and tensors that no node names.
func (im *importer) prune() {
	g := &im.m.Graph
	need := map[string]bool{}
	for _, o := range g.Outputs {
		need[o] = true
	}
	nodes := make([]weights.Node, 0, len(g.Nodes))
	tensors := map[string]bool{}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := &g.Nodes[i]
		if !slices.ContainsFunc(n.Outputs, func(o string) bool { return need[o] }) {
			continue
		}
		for _, in := range n.Inputs {
			need[in] = true
		}
		for _, t := range n.Tensors {
			tensors[t] = true
		}
		nodes = append(nodes, *n)
	}
	slices.Reverse(nodes)
	g.Nodes = nodes
	im.m.Tensors = slices.DeleteFunc(im.m.Tensors, func(t weights.Tensor) bool { return !tensors[t.Name] })
	clear(im.tensors)
	for i := range im.m.Tensors {
		im.tensors[im.m.Tensors[i].Name] = i
	}
}
