package onnx

import "github.com/riffle-ml/riffle/weights"

var opAdd = operator{
	op:    weights.OpAdd,
	reads: map[string]reader{"Add": (*importer).addition, "Sum": (*importer).addition},
	sign:  asInputs,
	write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) { return e.arithmetic("Add", n, s) },
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
		t := im.aligned(v.c, im.whole(x))
		if !im.perChannel(t, x) {
			im.withConstant(weights.OpAdd, at, t)
			return
		}
		p := im.pointwise(at, false)
		a := im.newAffine(p.s[0])
		copy(a.shift, im.spread(t, x, p))
		im.emitAffine(p, a)
		return
	}
	im.combine(weights.OpAdd)
}
