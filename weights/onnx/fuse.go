package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// fuse folds every affine node into the convolution, linear layer or affine node
// before it if nothing else reads that one's result, across a maximum over pixels
// where its factors are positive, drops a ReLU that another
// one makes needless, and stores the tensors of the affine nodes that stay.
func (im *importer) fuse() {
	g := &im.m.Graph
	im.prune() // what is not needed reads nothing
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
	var nodes []weights.Node
	for _, n := range g.Nodes {
		for i, x := range n.Inputs {
			if a, ok := alias[x]; ok {
				n.Inputs[i] = a
			}
		}
		x, out := n.Inputs[0], n.Outputs[0]
		at, ok := maker[x]
		if ok = ok && readers[x] == 1; ok && nodes[at].Op == weights.OpMaxPool && im.increases(&n) {
			y := nodes[at].Inputs[0] // the maximum of a*v+b is a times that of v, and b
			at, ok = maker[y]
			ok = ok && readers[y] == 1
		}
		if ok && im.absorb(&nodes[at], &n) {
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
		if n := &nodes[i]; n.Op == weights.OpAffine {
			a := im.affines[n.Outputs[0]]
			im.n = &protoNode{name: n.Name}
			n.Tensors = map[string]string{
				"scale": im.store("scale", "", singles(a.scale), len(a.scale)), "shift": im.store("shift", "", singles(a.shift), len(a.shift)),
			}
			im.n = nil
		}
	}
}

func singles(v []float64) []float32 {
	out := make([]float32, len(v))
	for i := range v {
		out[i] = float32(v[i])
	}
	return out
}

// increases tells whether n is an affine node whose factors are all positive.
func (im *importer) increases(n *weights.Node) bool {
	return n.Op == weights.OpAffine && !slices.ContainsFunc(im.affines[n.Outputs[0]].scale, func(v float64) bool { return !(v > 0) })
}

// absorb makes node p compute what n makes of its result, if it can.
func (im *importer) absorb(p, n *weights.Node) bool {
	switch {
	case n.Op == weights.OpReLU6 && p.Op == weights.OpReLU:
		p.Op = weights.OpReLU6
		return true
	case n.Op == weights.OpReLU && (p.Op == weights.OpReLU || p.Op == weights.OpReLU6), n.Op == weights.OpReLU6 && p.Op == weights.OpReLU6:
		return true
	case n.Op != weights.OpAffine:
		return false
	}
	a := im.affines[n.Outputs[0]]
	switch p.Op {
	case weights.OpAffine:
		b := im.affines[p.Outputs[0]]
		for c := range a.scale {
			b.scale[c] *= a.scale[c]
			b.shift[c] = b.shift[c]*a.scale[c] + a.shift[c]
		}
		return true
	case weights.OpConv, weights.OpLinear:
		im.foldInto(p, a)
		return true
	}
	return false
}

// foldInto makes convolution or linear layer p compute a of its result. Its
// tensors are its own: store copied them.
func (im *importer) foldInto(p *weights.Node, a affine) {
	w := im.m.Tensors[im.tensors[p.Tensors["weight"]]].Data
	per := len(w) / len(a.scale)
	for i := range w {
		w[i] = float32(float64(w[i]) * a.scale[i/per])
	}
	if p.Tensors["bias"] == "" {
		im.n = &protoNode{name: p.Name}
		p.Tensors["bias"] = im.store("bias", "", make([]float32, len(a.scale)), len(a.scale))
		im.n = nil
	}
	b := im.m.Tensors[im.tensors[p.Tensors["bias"]]].Data
	for c := range b {
		b[c] = float32(float64(b[c])*a.scale[c] + a.shift[c])
	}
}
