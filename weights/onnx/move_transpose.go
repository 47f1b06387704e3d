package onnx

import "slices"

var moveTranspose = operator{
	reads: map[string]reader{"Transpose": (*importer).transpose},
	folds: map[string]evaluator{"Transpose": viewed((*importer).transpose)},
}

func (im *importer) transpose() {
	v := im.act(0)
	rank := len(v.dims)
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	if im.n.Attrs["perm"] != nil {
		perm = im.attrInts("perm", rank, 0)
	}
	s := slices.Sorted(slices.Values(perm))
	for i := range s {
		if s[i] != i {
			im.failf(ErrInvalid, "perm: got %v, want a permutation of %d dimensions", perm, rank)
		}
	}
	dims := make([]int, rank)
	var real []int // the dimensions that have more than one entry, as they come out
	for i, p := range perm {
		if dims[i] = v.dims[p]; v.dims[p] != 1 || im.samples(v) > 1 && p == v.lead {
			real = append(real, p)
		}
	}
	if slices.IsSorted(real) {
		out := im.reshaped(v, dims)
		if !im.single {
			out.lead = slices.Index(perm, v.lead)
		}
		im.out(out)
		return
	}
	im.out(im.transposed(v, perm, dims))
}
