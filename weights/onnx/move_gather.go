package onnx

import "slices"

var moveGather = operator{
	reads: map[string]reader{"Gather": (*importer).gather},
	folds: map[string]evaluator{"Gather": viewed((*importer).gather)},
}

func (im *importer) gather() {
	if im.lookedUp() {
		return
	}
	v := im.act(0)
	axis := im.axis(0, len(v.dims))
	t := im.constant(1, true)
	if !t.isInt() {
		im.failf(ErrInvalid, "indices: got floats, want integers")
	}
	keep := make([]int, len(t.i))
	for i, k := range t.i {
		keep[i] = im.entry(k, v.dims[axis])
	}
	picked := im.pick(v, axis, keep, len(t.dims) == 0)
	if len(t.dims) > 1 { // the indices' own shape takes the dimension's place
		dims := im.whole(picked)
		picked = im.regrouped(picked, slices.Concat(dims[:axis], t.dims, dims[axis+1:]))
	}
	im.out(picked)
}
