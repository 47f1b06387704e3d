package onnx

var moveSqueeze = operator{
	reads: map[string]reader{"Squeeze": (*importer).squeeze, "Unsqueeze": (*importer).unsqueeze},
	folds: map[string]evaluator{"Squeeze": viewed((*importer).squeeze), "Unsqueeze": viewed((*importer).unsqueeze)},
}

// squeeze drops dimensions of 1: those that it names, or all. A batch that the file
// leaves open is none of all.
func (im *importer) squeeze() {
	v := im.act(0)
	whole := im.whole(v)
	at, all := im.axes(len(whole)), im.n.Attrs["axes"] == nil && im.in(1) == nil
	dims := []int{}
	for i, d := range whole {
		open := v.base != "" && i == v.lead && !im.single
		switch {
		case at[i] && d != 1:
			im.failf(ErrInvalid, "axes: got %d of %v, want a dimension of 1", i, whole)
		case !at[i] && !(all && d == 1 && !open):
			dims = append(dims, d)
		}
	}
	im.out(im.regrouped(v, dims))
}

// unsqueeze adds dimensions of 1.
func (im *importer) unsqueeze() {
	v := im.act(0)
	whole := im.whole(v)
	if im.n.Attrs["axes"] == nil && im.in(1) == nil {
		im.failf(ErrInvalid, "axes: got none, want one or more")
	}
	rank := len(whole) + len(im.listOf("axes", 1))
	at := im.axes(rank)
	dims := make([]int, 0, rank)
	for i := range rank {
		if at[i] {
			dims = append(dims, 1)
		} else {
			dims, whole = append(dims, whole[0]), whole[1:]
		}
	}
	im.out(im.regrouped(v, dims))
}
