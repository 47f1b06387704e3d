package onnx

import "slices"

// What is asked of a view.

// size is the number of elements of a model value.
func (im *importer) size(base string) int {
	n, _ := product(im.shapes[base])
	return n
}

// plain says whether v is a model value itself.
func (im *importer) plain(v *value) bool {
	return v.base != "" && v.index == nil && !v.padded() && v.lead == 0 && len(v.dims) > 1 && v.dims[0] == 1 && slices.Equal(v.dims[1:], im.shapes[v.base])
}

// runs returns v's index in runs of n elements; n divides v.whole().
func (im *importer) runs(v *value, n int) []int32 {
	if v.index != nil && v.run == n {
		return v.index
	}
	im.spend(v.elems() / n)
	index := make([]int32, 0, v.elems()/n)
	if v.index == nil {
		for e := 0; e < v.elems(); e += n {
			index = append(index, int32(e))
		}
		return index
	}
	for _, first := range v.index {
		for e := 0; e < v.run; e += n {
			index = append(index, first+int32(e))
		}
	}
	return index
}

// samples is the file's batch, as far as it concerns v: constants have none, and one
// that the file leaves open counts as 1.
func (im *importer) samples(v *value) int {
	if v.base == "" {
		return 1
	}
	return im.batch
}

// whole is v's shape as the file has it, with the batch.
func (im *importer) whole(v *value) []int {
	dims := slices.Clone(v.dims)
	if len(dims) > 0 {
		dims[v.lead] *= im.samples(v)
	}
	return dims
}
