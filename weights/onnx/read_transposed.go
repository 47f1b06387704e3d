package onnx

import (
	"fmt"
	"slices"
)

// transposed is v with its dimensions in the order perm, and dims their sizes.
func (im *importer) transposed(v *value, perm, dims []int) *value {
	v = im.unpadded(v)
	outer, inner := len(perm), 1 // the last dimensions stay where they are
	for ; perm[outer-1] == outer-1; outer-- {
		inner *= dims[outer-1]
	}
	run := gcd(v.whole(), inner)
	key := transposition{shape: fmt.Sprint(v.dims, perm, v.run)}
	if v.index != nil {
		key.of = &v.index[0]
	}
	done, ok := im.transpositions[key]
	if !ok {
		view := &value{dims: dims, index: im.permuted(v, perm, dims, outer, inner, run), run: run}
		done = transposed{view.index, view.straight()}
		im.transpositions[key] = done
	}
	out := im.reshaped(v, dims)
	if out.index, out.run = done.index, run; done.straight && v.base != "" && out.elems() == im.size(v.base) {
		out.index = nil
	}
	out.lead = max(0, slices.Index(perm, v.lead))
	return out
}

// permuted computes the index, in runs of run elements. Dimensions from outer on, of inner
// elements, stay where they are.
func (im *importer) permuted(v *value, perm, dims []int, outer, inner, run int) []int32 {
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
	return index
}
