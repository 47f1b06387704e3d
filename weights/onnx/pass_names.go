package onnx

import "github.com/riffle-ml/riffle/weights/onnx/internal/proto"

// nameOutputs gives the model's outputs the names of the file's, which a folded
// node or a reshape may have lost.
func (im *importer) nameOutputs(p *proto.Graph) {
	g := &im.m.Graph
	taken := map[string]bool{g.Inputs[0].Name: true}
	for _, n := range g.Nodes {
		for _, o := range n.Outputs {
			taken[o] = true
		}
	}
	rename := map[string]string{}
	for i, o := range g.Outputs {
		if want := p.Outputs[i].Name; !taken[want] && rename[o] == "" && o != g.Inputs[0].Name {
			rename[o], taken[want] = want, true
		}
	}
	apply := func(names []string) {
		for i, o := range names {
			if r := rename[o]; r != "" {
				names[i] = r
			}
		}
	}
	apply(g.Outputs)
	for i := range g.Nodes {
		apply(g.Nodes[i].Inputs)
		apply(g.Nodes[i].Outputs)
	}
}
