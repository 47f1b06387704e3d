package onnx

var moveGather = operator{
	reads: map[string]reader{"Gather": (*importer).gather},
	folds: map[string]evaluator{"Gather": viewed((*importer).gather)},
}

func (im *importer) gather() {
	v := im.act(0)
	axis := im.axis(0, len(v.dims))
	t := im.constant(1, true)
	if !t.isInt() || len(t.dims) > 1 {
		im.failf(ErrUnsupported, "indices: got dimensions %v, want one integer or a list", t.dims)
	}
	keep := make([]int, len(t.i))
	for i, k := range t.i {
		keep[i] = im.entry(k, v.dims[axis])
	}
	im.out(im.pick(v, axis, keep, len(t.dims) == 0))
}
