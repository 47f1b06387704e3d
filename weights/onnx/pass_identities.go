package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// dropIdentities removes affine nodes that multiply by 1 and add 0, such as what is left
// of the factors of an activation that was written in parts.
func (im *importer) dropIdentities() {
	g := &im.m.Graph
	one := func(n weights.Node) bool {
		a, ok := im.isAffine(&n)
		return ok && a.identity()
	}
	if !slices.ContainsFunc(g.Nodes, one) {
		return
	}
	alias := map[string]string{}
	nodes := make([]weights.Node, 0, len(g.Nodes))
	for _, n := range g.Nodes {
		for i, x := range n.Inputs {
			if a, ok := alias[x]; ok {
				n.Inputs[i] = a
			}
		}
		if one(n) && n.Inputs[0] != g.Inputs[0].Name {
			alias[n.Outputs[0]] = n.Inputs[0]
			continue
		}
		nodes = append(nodes, n)
	}
	for i, o := range g.Outputs {
		if a, ok := alias[o]; ok {
			g.Outputs[i] = a
		}
	}
	g.Nodes = nodes
}

func (a *affine) identity() bool {
	for i := range a.scale {
		if float32(a.scale[i]) != 1 || a.shift[i] != 0 {
			return false
		}
	}
	return true
}
