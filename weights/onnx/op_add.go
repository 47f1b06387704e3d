package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

var opAdd = operator{
	op: weights.OpAdd, inputs: 2,
	reads: map[string]reader{"Add": (*importer).addition, "Sum": (*importer).addition},
	sign:  asInputs,
	write: (*exporter).add,
}

// addition is Add, of a constant too, and Sum.
func (im *importer) addition() {
	k := len(im.n.Inputs)
	if k == 1 && im.n.Op == "Sum" {
		im.identity()
		return
	}
	if k < 2 || k > 2 && im.n.Op == "Add" {
		im.failf(ErrInvalid, "got %d inputs, want 2", k)
	}
	at := im.activation()
	if v := im.in(1 - min(at, 1)); k == 2 && v != nil && v.c != nil {
		x := im.act(at)
		p := im.pointwise(at, false)
		a := im.newAffine(p.s[0])
		copy(a.shift, im.spread(im.aligned(v.c, im.whole(x)), x, p))
		im.emitAffine(p, a)
		return
	}
	spots := im.spots()
	sum := &value{base: spots[0].x}
	for i, p := range spots[1:] {
		name := im.n.Outputs[0]
		if i < k-2 {
			name += "/sum"
		}
		sum = im.add(weights.OpAdd, im.n.Label(), name, []string{sum.base, p.x}, nil, nil, p.s...)
	}
	im.out(spots[0].done(sum))
}

// spots finds where the activations that the node at work adds are added: as they lie,
// if all of them are the same view of equal shapes.
func (im *importer) spots() []spot {
	same := true
	first := im.act(0)
	for i := range im.n.Inputs {
		v := im.act(i)
		same = same && !v.padded() && v.lead == first.lead && v.run == first.run && slices.Equal(v.dims, first.dims) &&
			slices.Equal(v.index, first.index) && (v.index == nil) == (first.index == nil) && slices.Equal(im.shapes[v.base], im.shapes[first.base])
	}
	spots := make([]spot, len(im.n.Inputs))
	for i := range spots {
		switch v := im.act(i); {
		case same && !im.settles(v):
			spots[i] = spot{v.base, im.shapes[v.base], v}
		default:
			x, s := im.any(i)
			spots[i] = spot{x, s, nil}
		}
		if !slices.Equal(spots[i].s, spots[0].s) {
			im.failf(ErrUnsupported, "inputs: got shapes %v and %v, want the same", spots[0].s, spots[i].s)
		}
	}
	return spots
}

func (e *exporter) add(n *weights.Node, s []int) ([][]int, error) {
	if t := e.shapes[n.Inputs[1]]; !slices.Equal(s, t) {
		return nil, fmt.Errorf("inputs: got shapes %v and %v, want the same", s, t)
	}
	e.put(n.Name, "Add", n.Inputs, n.Outputs)
	return [][]int{s}, nil
}
