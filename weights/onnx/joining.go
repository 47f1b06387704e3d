package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// joinMoved joins the inputs along an axis that is no channels' of theirs: it becomes the
// channels, which are joined, and comes back to its place.
func (im *importer) joinMoved(axis int) {
	first := im.unpadded(im.act(0))
	rank := len(first.dims)
	if first.lead != 0 || axis == 0 || first.dims[0] != 1 {
		im.failf(ErrUnsupported, "inputs: got shape %v joined along dimension %d, want another dimension than the batch", im.whole(first), axis)
	}
	perm, back := []int{axis}, make([]int, rank)
	for d := range rank {
		if d != axis {
			perm = append(perm, d)
		}
	}
	for i, p := range perm {
		back[p] = i
	}
	var in []string
	total, sizes := 0, make([]int, rank)
	for i := range im.n.Inputs {
		v := im.unpadded(im.act(i))
		for k, p := range perm {
			sizes[k] = v.dims[p]
		}
		t := im.transposed(v, perm, slices.Clone(sizes))
		t.lead = 0
		n := v.dims[axis]
		in = append(in, im.settle(im.reshaped(t, []int{1, n, 1, v.elems() / n}), im.n.Inputs[i]+"/moved"))
		total += n
	}
	y := im.add(weights.OpConcat, im.n.Label(), im.n.Outputs[0]+"/joined", in, nil, nil, total, 1, first.elems()/first.dims[axis])
	dims := slices.Clone(first.dims)
	dims[axis], sizes[0] = total, total
	out := im.transposed(im.reshaped(y, sizes), back, dims)
	out.lead = 0
	im.out(out)
}

// placeConstants makes activations of the constants among the inputs of the node at work,
// such as the token that a transformer puts in front of those of an image.
func (im *importer) placeConstants() {
	n := *im.n
	n.Inputs = slices.Clone(n.Inputs)
	placed := false
	for i, name := range n.Inputs {
		if v := im.in(i); v != nil && v.c != nil {
			n.Inputs[i] = im.placed(v.c, name)
			placed = true
		}
	}
	if placed {
		im.n = &n
	}
}

// placed is the name of an activation that is constant t: a channel of zeros, and a sum. It
// is defined beside the name of the constant.
func (im *importer) placed(t *tensor, name string) string {
	const mark = "\x00placed" // no name of a file
	if im.values[name+mark] != nil {
		return name + mark
	}
	in := im.m.Graph.Inputs[0]
	if len(in.Shape) != 3 || t.isInt() || t.len() == 0 || len(t.dims) == 0 || t.dims[0] != 1 || !im.single {
		im.failf(ErrUnsupported, "input %q: got a constant of dimensions %v, want an activation, or floats for a batch of 1", name, t.dims)
	}
	c, n := in.Shape[0], t.len()
	label := im.n.Label()
	mean := im.add(weights.OpGlobalAvgPool, label, name+"/mean", []string{in.Name}, nil, nil, c, 1, 1)
	more := im.padNode(label, name+"/more", mean.base, [4]int{}, [2]int{0, 1}, 0, 0)
	zero := im.add(weights.OpSlice, label, name+"/zero", []string{more.base}, map[string][]int{"range": {c, c + 1, 1}}, nil, 1, 1, 1)
	y := im.constantOperand(weights.OpAdd, 0, zero.base, []int{1, 1, 1}, &tensor{name: t.name, dims: []int{1, 1, n}, f: t.f})
	im.values[name+mark] = im.reshaped(y, slices.Clone(t.dims))
	return name + mark
}
