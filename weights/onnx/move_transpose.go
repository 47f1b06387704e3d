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
	if rank > 0 && perm[0] != 0 {
		im.sampleAxis(v, 0)
	}
	dims := make([]int, rank)
	var real []int // the dimensions that have more than one entry, as they come out
	for i, p := range perm {
		if dims[i] = v.dims[p]; v.dims[p] != 1 {
			real = append(real, p)
		}
	}
	if slices.IsSorted(real) {
		im.out(im.reshaped(v, dims))
		return
	}
	im.out(im.transposed(v, perm, dims))
}

func (im *importer) transposed(v *value, perm, dims []int) *value {
	outer, inner := len(perm), 1 // the last dimensions stay where they are
	for ; perm[outer-1] == outer-1; outer-- {
		inner *= dims[outer-1]
	}
	run := gcd(v.whole(), inner)
	from := im.runs(v, run)
	// An odometer over the output's outer dimensions, and what is left of inner.
	size, step := append(slices.Clone(dims[:outer]), inner/run), make([]int, outer+1)
	stride := make([]int, outer) // of the input, in runs
	n := inner / run
	for i := outer - 1; i >= 0; i-- {
		stride[i] = n
		n *= v.dims[i]
	}
	step[outer] = 1
	for i := range outer {
		step[i] = stride[perm[i]]
	}
	im.spend(n)
	index := make([]int32, 0, n)
	at := make([]int, outer+1)
	for pos := 0; len(index) < n; {
		index = append(index, from[pos])
		for d := outer; d >= 0; d-- {
			at[d]++
			pos += step[d]
			if at[d] < size[d] {
				break
			}
			pos -= step[d] * size[d]
			at[d] = 0
		}
	}
	return im.view(v, dims, index, run)
}
