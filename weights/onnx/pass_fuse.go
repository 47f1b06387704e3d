package onnx

import "github.com/riffle-ml/riffle/weights"

// fuse lets nodes absorb what alone reads their result, each as its operator says:
// convolutions and linear layers the affine nodes behind them, across a maximum over
// pixels too, and a ReLU another one. What no node absorbed is completed.
func (im *importer) fuse(operators map[string]*operator) {
	g := &im.m.Graph
	readers := map[string]int{}
	for _, n := range g.Nodes {
		for _, x := range n.Inputs {
			readers[x]++
		}
	}
	for _, o := range g.Outputs {
		readers[o]++
	}
	alias := map[string]string{} // output of a node that is gone -> what stands for it
	maker := map[string]int{}
	nodes := make([]weights.Node, 0, len(g.Nodes))
	// only returns the node that makes x, if nothing but the node at hand reads x.
	only := func(x string) (*weights.Node, *operator) {
		if at, ok := maker[x]; ok && readers[x] == 1 {
			return &nodes[at], operators[nodes[at].Op]
		}
		return nil, nil
	}
	for _, n := range g.Nodes {
		for i, x := range n.Inputs {
			if a, ok := alias[x]; ok {
				n.Inputs[i] = a
			}
		}
		x, out := n.Inputs[0], n.Outputs[0]
		p, op := only(x)
		if p != nil && op.commutes != nil && op.commutes(im, &n) {
			p, op = only(p.Inputs[0])
		}
		if p != nil && op.absorb != nil && op.absorb(im, p, &n) {
			alias[out] = x
			readers[x] = readers[out]
			continue
		}
		for _, o := range n.Outputs {
			maker[o] = len(nodes)
		}
		nodes = append(nodes, n)
	}
	for i, o := range g.Outputs {
		if a, ok := alias[o]; ok {
			g.Outputs[i] = a
		}
	}
	g.Nodes = nodes
	for i := range nodes {
		if op := operators[nodes[i].Op]; op.finish != nil {
			op.finish(im, &nodes[i])
		}
	}
}
