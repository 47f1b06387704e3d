package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// maxDigits bounds the digits of the counter, as the engine does.
const maxDigits = 12

// maxIndex bounds the runs of a rearrange that no counter gives.
const maxIndex = 1 << 18

// rearranged settles v, of which channelsOf says why it is no choice of channels.
func (im *importer) rearranged(v *value, hint, why string) string {
	fail := func() { im.failf(ErrUnsupported, "input %q: %s", hint, why) }
	if v.lead != 0 || len(v.dims) != 4 && len(v.dims) != 2 || v.dims[0] != 1 {
		fail()
	}
	run := v.whole()
	attrs := map[string][]int{"shape": slices.Clone(v.dims[1:])}
	index := im.runs(v, run)
	if dims, strides, offset, ok := im.digits(index, run); ok {
		attrs["dims"], attrs["strides"], attrs["offset"] = dims, strides, []int{offset}
	} else if len(index) <= maxIndex {
		im.spend(2 * len(index))
		list := make([]int, len(index))
		for i, e := range index {
			list[i] = int(e)
		}
		attrs["index"], attrs["run"] = list, []int{run}
	} else {
		fail()
	}
	return im.add(weights.OpRearrange, im.nameOf(v, hint), hint, []string{v.base}, attrs, nil, v.dims[1:]...).base
}

// digits finds the counter that gives an index in runs of run elements. It is false if
// there is none of few digits.
func (im *importer) digits(index []int32, run int) (dims, strides []int, offset int, ok bool) {
	dims, strides = []int{run}, []int{1}
	for len(index) > 1 {
		n, stride := im.digit(index)
		if n < 2 || len(dims) == maxDigits {
			return nil, nil, 0, false
		}
		if k := len(dims) - 1; stride == dims[k]*strides[k] {
			dims[k] *= n // the two are one
		} else if dims[k] == 1 {
			dims[k], strides[k] = n, stride
		} else {
			dims, strides = append(dims, n), append(strides, stride)
		}
		starts := make([]int32, 0, len(index)/n)
		for i := 0; i < len(index); i += n {
			starts = append(starts, index[i])
		}
		index = starts
	}
	slices.Reverse(dims)
	slices.Reverse(strides)
	return dims, strides, int(index[0]), true
}

// digit is the longest run of equal steps that the index consists of: how many entries it
// has, and the step between them.
func (im *importer) digit(index []int32) (n, stride int) {
	stride = int(index[1]) - int(index[0])
	n = 2
	for n < len(index) && int(index[n])-int(index[n-1]) == stride {
		n++
	}
	for ; n > 1; n-- {
		if len(index)%n == 0 && steps(index, n, int32(stride)) {
			return n, stride
		}
		im.spend(n)
	}
	return 1, 0
}

// steps says whether all blocks of n entries have that step.
func steps(index []int32, n int, stride int32) bool {
	for i := range index {
		if i%n > 0 && index[i]-index[i-1] != stride {
			return false
		}
	}
	return true
}
