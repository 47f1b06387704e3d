package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// The operators that move elements without changing them. They make a new view
// (see value); settle turns what is left of a chain of them into nodes.

// view defines output 0 as input 0's elements in another shape and order.
func (im *importer) view(dims []int, index []int32) {
	v := im.act(0)
	if v.pad != [4]int{} {
		im.failf(ErrUnsupported, "input: got padding from a Pad node, want it in front of a convolution or an average pool")
	}
	im.define(im.n.outputs[0], &value{base: v.base, dims: dims, index: index})
}

// indices returns v's index, made explicit.
func (im *importer) indices(v *value) []int32 {
	if v.index != nil {
		return v.index
	}
	n := v.elems()
	if n > maxElems {
		im.failf(ErrUnsupported, "input: got %d elements, want at most %d", n, maxElems)
	}
	index := make([]int32, n)
	for i := range index {
		index[i] = int32(i)
	}
	return index
}

func (im *importer) reshape() {
	v := im.act(0)
	t := im.constant(1, true)
	if !t.isInt() || len(t.i) == 0 || len(t.i) > 8 {
		im.failf(ErrUnsupported, "shape: got dimensions %v, want 1 to 8 integers", t.dims)
	}
	dims := make([]int, len(t.i))
	open, known := -1, 1
	for i, d := range t.i {
		switch {
		case d == 0 && im.attrInt("allowzero", 0) == 0 && i < len(v.dims):
			d = int64(v.dims[i])
		case d == -1 && open < 0:
			open = i
			continue
		}
		if d < 1 || d > 1<<28 || known > 1<<28/int(d) {
			im.failf(ErrUnsupported, "shape: got %v of %v, want positive dimensions", t.i, v.dims)
		}
		dims[i] = int(d)
		known *= int(d)
	}
	if open >= 0 {
		dims[open] = v.elems() / known
		known *= dims[open]
	}
	if known != v.elems() {
		im.failf(ErrInvalid, "shape: got %v, want one of the %d elements of %v", t.i, v.elems(), v.dims)
	}
	im.view(dims, v.index)
}

func (im *importer) flatten() {
	v := im.act(0)
	a := im.attrInt("axis", 1)
	if a < 0 {
		a += int64(len(v.dims))
	}
	if a != 1 {
		im.failf(ErrUnsupported, "axis: got %d, want 1", a)
	}
	im.view([]int{1, v.elems()}, v.index)
}

// squeeze is Squeeze and Unsqueeze.
func (im *importer) squeeze() {
	v := im.act(0)
	var axes []int64
	if a := im.n.attrs["axes"]; a != nil {
		axes = a.ints
	} else if t := im.constant(1, false); t != nil {
		axes = t.i
	}
	rank := len(v.dims)
	if im.n.op == "Unsqueeze" {
		rank += len(axes)
	} else if len(axes) == 0 {
		im.failf(ErrUnsupported, "axes: got none, want them named")
	}
	at := map[int64]bool{}
	for _, a := range axes {
		if a < 0 {
			a += int64(rank)
		}
		if a < 0 || a >= int64(rank) || rank > 8 || at[a] {
			im.failf(ErrInvalid, "axes: got %v, want different ones of %d", axes, rank)
		}
		at[a] = true
	}
	var dims []int
	if im.n.op == "Unsqueeze" {
		k := 0
		for i := range rank {
			if at[int64(i)] {
				dims = append(dims, 1)
			} else {
				dims = append(dims, v.dims[k])
				k++
			}
		}
	} else {
		for i, d := range v.dims {
			if !at[int64(i)] {
				dims = append(dims, d)
			} else if d != 1 {
				im.failf(ErrInvalid, "axes: got %v of %v, want dimensions of 1", axes, v.dims)
			}
		}
	}
	im.view(dims, v.index)
}

func (im *importer) transpose() {
	v := im.act(0)
	rank := len(v.dims)
	perm := make([]int, rank)
	for i := range perm {
		perm[i] = rank - 1 - i
	}
	if im.n.attrs["perm"] != nil {
		perm = im.attrInts("perm", rank, 0)
	}
	if s := slices.Sorted(slices.Values(perm)); len(s) > 0 && s[len(s)-1] != rank-1 || len(slices.Compact(s)) != rank {
		im.failf(ErrInvalid, "perm: got %v, want a permutation of %d dimensions", perm, rank)
	}
	stride := make([]int, rank)
	n := 1
	for i := rank - 1; i >= 0; i-- {
		stride[i] = n
		n *= v.dims[i]
	}
	dims, step := make([]int, rank), make([]int, rank)
	for i, p := range perm {
		dims[i], step[i] = v.dims[p], stride[p]
	}
	from := im.indices(v)
	index := make([]int32, 0, n)
	at := make([]int, rank)
	for pos := 0; len(index) < n; {
		index = append(index, from[pos])
		for d := rank - 1; d >= 0; d-- {
			at[d]++
			pos += step[d]
			if at[d] < dims[d] {
				break
			}
			pos -= step[d] * dims[d]
			at[d] = 0
		}
	}
	im.view(dims, index)
}

// pick keeps the given entries of one dimension, in their order; drop removes
// the dimension of one that is left.
func (im *importer) pick(v *value, axis int, keep []int, drop bool) *value {
	before, after := 1, 1
	for _, d := range v.dims[:axis] {
		before *= d
	}
	for _, d := range v.dims[axis+1:] {
		after *= d
	}
	from := im.indices(v)
	if before*len(keep)*after > maxElems || len(keep) == 0 {
		im.failf(ErrUnsupported, "got %d entries of dimension %d of %v, want 1 or more, %d elements at most", len(keep), axis, v.dims, maxElems)
	}
	index := make([]int32, 0, before*len(keep)*after)
	for b := range before {
		for _, k := range keep {
			at := (b*v.dims[axis] + k) * after
			index = append(index, from[at:at+after]...)
		}
	}
	dims := slices.Clone(v.dims)
	dims[axis] = len(keep)
	if drop {
		dims = slices.Delete(dims, axis, axis+1)
	}
	return &value{base: v.base, dims: dims, index: index}
}

// plain says whether v is a model value itself, channels second.
func (im *importer) plain(v *value) bool {
	return v.index == nil && v.pad == [4]int{} && slices.Equal(v.dims[1:], im.shapes[v.base])
}

// whole settles activation input 0 if it is planes seen through a permutation
// of channels, so that what reads it twice shares one shuffle.
func (im *importer) whole() *value {
	v := im.act(0)
	if from := im.shapes[v.base]; len(v.dims) == 4 && len(from) == 3 && slices.Equal(v.dims[2:], from[1:]) && v.pad == [4]int{} {
		im.planes(0)
	}
	return im.values[im.n.inputs[0]]
}

func (im *importer) axisOf(v *value, a int64) int {
	if a < 0 {
		a += int64(len(v.dims))
	}
	if a < 0 || a >= int64(len(v.dims)) {
		im.failf(ErrInvalid, "axis: got %d, want one of the dimensions of %v", a, v.dims)
	}
	return int(a)
}

func (im *importer) gatherView() {
	v := im.act(0)
	axis := im.axisOf(v, im.attrInt("axis", 0))
	t := im.constant(1, true)
	if !t.isInt() || len(t.dims) > 1 {
		im.failf(ErrUnsupported, "indices: got dimensions %v, want one integer or a list", t.dims)
	}
	keep := make([]int, len(t.i))
	for i, k := range t.i {
		if k < 0 {
			k += int64(v.dims[axis])
		}
		if k < 0 || k >= int64(v.dims[axis]) {
			im.failf(ErrInvalid, "indices: got %d, want 0..%d", t.i[i], v.dims[axis]-1)
		}
		keep[i] = int(k)
	}
	out := im.pick(v, axis, keep, len(t.dims) == 0)
	im.define(im.n.outputs[0], out)
}

func (im *importer) sliceView() {
	v := im.whole()
	lists := [4][]int64{} // starts, ends, axes, steps
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		if a := im.n.attrs[name]; a != nil {
			lists[i] = a.ints
		} else if t := im.constant(1+i, false); t != nil {
			lists[i] = t.i
		}
	}
	if len(lists[0]) == 0 || len(lists[0]) != len(lists[1]) || len(lists[0]) > len(v.dims) {
		im.failf(ErrInvalid, "starts and ends: got %v and %v, want one a dimension", lists[0], lists[1])
	}
	for i := range lists[0] {
		axis, step := i, int64(1)
		if lists[2] != nil {
			if len(lists[2]) != len(lists[0]) {
				im.failf(ErrInvalid, "axes: got %v, want %d", lists[2], len(lists[0]))
			}
			axis = im.axisOf(v, lists[2][i])
		}
		if lists[3] != nil {
			if len(lists[3]) != len(lists[0]) || lists[3][i] < 1 {
				im.failf(ErrUnsupported, "steps: got %v, want %d positive ones", lists[3], len(lists[0]))
			}
			step = min(lists[3][i], int64(v.dims[axis]))
		}
		n := int64(v.dims[axis])
		clamp := func(k int64) int64 {
			if k < 0 {
				k += n
			}
			return max(0, min(k, n))
		}
		lo, hi := clamp(lists[0][i]), clamp(lists[1][i])
		if lo == 0 && hi == n && step == 1 {
			continue
		}
		if lo >= hi {
			im.failf(ErrInvalid, "starts and ends: got %v and %v of %v, want one element or more", lists[0], lists[1], v.dims)
		}
		if axis == 1 && im.plain(v) { // channels: a node, and views of it stay plain
			s := slices.Clone(im.shapes[v.base])
			s[0] = int((hi - lo + step - 1) / step)
			v = im.add(weights.OpSlice, im.n.outputs[0], []string{v.base}, map[string][]int{"range": {int(lo), int(hi), int(step)}}, nil, s...)
			continue
		}
		var keep []int
		for k := lo; k < hi; k += step {
			keep = append(keep, int(k))
		}
		v = im.pick(v, axis, keep, false)
	}
	c := *v
	im.define(im.n.outputs[0], &c)
}

func (im *importer) split() {
	v := im.whole()
	axis := im.axisOf(v, im.attrInt("axis", 0))
	var sizes []int64
	if a := im.n.attrs["split"]; a != nil {
		sizes = a.ints
	} else if t := im.constant(1, false); t != nil {
		sizes = t.i
	} else { // equal parts, the last one smaller
		k := len(im.n.outputs)
		if n := im.attrInt("num_outputs", int64(k)); n != int64(k) {
			im.failf(ErrInvalid, "num_outputs: got %d, want %d", n, k)
		}
		n := v.dims[axis]
		part := (n + k - 1) / k
		for i := range k {
			sizes = append(sizes, int64(min(part, n-i*part)))
		}
	}
	sum := int64(0)
	for _, c := range sizes {
		if c < 1 || c > int64(v.dims[axis]) {
			im.failf(ErrInvalid, "split: got %v of %v, want positive sizes", sizes, v.dims)
		}
		sum += c
	}
	if len(sizes) != len(im.n.outputs) || sum != int64(v.dims[axis]) {
		im.failf(ErrInvalid, "split: got %v for %d outputs, want as many, with sum %d", sizes, len(im.n.outputs), v.dims[axis])
	}
	if axis == 1 && im.plain(v) {
		im.splitNode(v, sizes)
		return
	}
	at := 0
	for i, c := range sizes {
		keep := make([]int, c)
		for k := range keep {
			keep[k] = at + k
		}
		at += int(c)
		if im.n.outputs[i] != "" {
			im.define(im.n.outputs[i], im.pick(v, axis, keep, false))
		}
	}
}

// splitNode keeps a split of channels as one node.
func (im *importer) splitNode(v *value, sizes []int64) {
	ints := make([]int, len(sizes))
	outs := make([]string, len(sizes))
	for i, c := range sizes {
		ints[i] = int(c)
		if outs[i] = im.n.outputs[i]; outs[i] == "" {
			outs[i] = nodeName(im.n) + "/unused"
		}
		for im.shapes[outs[i]] != nil || slices.Contains(outs[:i], outs[i]) {
			outs[i] += "'"
		}
	}
	s := slices.Clone(im.shapes[v.base])
	s[0] = ints[0]
	im.add(weights.OpSplit, outs[0], []string{v.base}, map[string][]int{"sizes": ints}, nil, s...)
	at := len(im.m.Graph.Nodes) - 1
	im.m.Graph.Nodes[at].Outputs = outs
	for i, out := range outs {
		s := slices.Clone(s)
		s[0] = ints[i]
		im.shapes[out], im.prod[out] = s, at
		if im.n.outputs[i] != "" {
			im.define(im.n.outputs[i], &value{base: out, dims: append([]int{1}, s...)})
		}
	}
}
