package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// The operators that move elements without changing them. They make new views;
// settle turns what is left of a chain of them into nodes.

// reshaped is v in another shape, its elements where they were.
func (im *importer) reshaped(v *value, dims []int) *value { return im.view(v, dims, v.index, v.run) }

func (im *importer) reshape() {
	v := im.act(0)
	t := im.constant(1, true)
	if !t.isInt() || len(t.dims) != 1 || len(t.i) == 0 || len(t.i) > maxRank {
		im.failf(ErrUnsupported, "shape: got dimensions %v, want a list of 1 to %d integers", t.dims, maxRank)
	}
	dims := make([]int, len(t.i))
	open := -1
	for i, d := range t.i {
		switch {
		case d == 0 && !im.flag("allowzero", 0) && i < len(v.dims):
			dims[i] = v.dims[i]
			continue
		case d == -1 && open < 0:
			open, dims[i] = i, 1
			continue
		case i == 0 && im.batch > 1 && v.base != "": // the samples are the slowest part of dimension 0
			if d%int64(im.batch) != 0 {
				im.failf(ErrUnsupported, "shape: got %v, want a first dimension that is a multiple of the batch, %d", t.i, im.batch)
			}
			d /= int64(im.batch)
		}
		if d < 1 || d > maxSize {
			im.failf(ErrUnsupported, "shape: got %v for %v, want positive dimensions", t.i, v.dims)
		}
		dims[i] = int(d)
	}
	n, ok := product(dims)
	if ok && n > 0 && open >= 0 {
		dims[open] = v.elems() / n
		n *= dims[open]
	}
	if !ok || n != v.elems() {
		im.failf(ErrInvalid, "shape: got %v, want one of the %d elements of %v", t.i, v.elems(), v.dims)
	}
	im.out(im.reshaped(v, dims))
}

func (im *importer) flatten() {
	v := im.act(0)
	if a := im.axis(1, len(v.dims)); a != 1 {
		im.failf(ErrUnsupported, "axis: got %d, want 1", a)
	}
	n, _ := product(v.dims[1:])
	im.out(im.reshaped(v, []int{v.dims[0], n}))
}

// squeeze is Squeeze and Unsqueeze.
func (im *importer) squeeze() {
	v := im.act(0)
	axes, rank := im.listOf("axes", 1), len(v.dims)
	if len(axes) == 0 || len(axes) > maxRank {
		im.failf(ErrUnsupported, "axes: got %d, want 1 to %d", len(axes), maxRank)
	}
	if im.n.op == "Unsqueeze" {
		rank += len(axes)
	}
	at := map[int]bool{}
	for _, a := range axes {
		k := im.axisOf(a, rank)
		im.sampleAxis(v, k)
		at[k] = true
	}
	if len(at) != len(axes) {
		im.failf(ErrInvalid, "axes: got %v, want different ones", axes)
	}
	var dims []int
	if im.n.op == "Unsqueeze" {
		k := 0
		for i := range rank {
			if at[i] {
				dims = append(dims, 1)
			} else {
				dims = append(dims, v.dims[k])
				k++
			}
		}
	} else {
		for i, d := range v.dims {
			if !at[i] {
				dims = append(dims, d)
			} else if d != 1 {
				im.failf(ErrInvalid, "axes: got %v of %v, want dimensions of 1", axes, v.dims)
			}
		}
	}
	im.out(im.reshaped(v, dims))
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

// pick keeps the given entries of one dimension, in their order; drop removes
// the dimension of one that is left.
func (im *importer) pick(v *value, axis int, keep []int, drop bool) *value {
	im.sampleAxis(v, axis)
	before, _ := product(v.dims[:axis])
	after, _ := product(v.dims[axis+1:])
	dims := slices.Clone(v.dims)
	dims[axis] = len(keep)
	if n, ok := product(dims); !ok || n == 0 && v.base != "" {
		im.failf(ErrUnsupported, "got %d entries of dimension %d of %v, want 1 to %d elements", len(keep), axis, v.dims, maxSize)
	}
	run := gcd(v.whole(), after)
	from, per := im.runs(v, run), after/run
	im.spend(before * len(keep) * per)
	index := make([]int32, 0, before*len(keep)*per)
	for b := range before {
		for _, k := range keep {
			index = append(index, from[(b*v.dims[axis]+k)*per:][:per]...)
		}
	}
	if drop {
		dims = slices.Delete(dims, axis, axis+1)
	}
	return im.view(v, dims, index, run)
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

// entry is index k of n, counted from the end where negative.
func (im *importer) entry(k int64, n int) int {
	if k < -int64(n) || k >= int64(n) {
		im.failf(ErrInvalid, "indices: got %d, want %d to %d", k, -n, n-1)
	}
	return int((k + int64(n)) % int64(n))
}

// ranges reads Slice's lists: the axes named, and of each start, stop and step.
func (im *importer) ranges(dims []int) (axes []int, keep [][3]int) {
	starts, ends, named, steps := im.listOf("starts", 1), im.listOf("ends", 2), im.listOf("axes", 3), im.listOf("steps", 4)
	k := len(starts)
	if k == 0 || k > len(dims) || len(ends) != k || named != nil && len(named) != k || steps != nil && len(steps) != k {
		im.failf(ErrInvalid, "starts, ends, axes, steps: got %d, %d, %d, %d numbers for %v, want one each for an axis", k, len(ends), len(named), len(steps), dims)
	}
	for i := range starts {
		axis := i
		if named != nil {
			axis = im.axisOf(named[i], len(dims))
		}
		axes = append(axes, axis)
	}
	for i, axis := range axes {
		n, step := int64(dims[axis]), int64(1)
		if steps != nil {
			step = steps[i]
		}
		clamp := func(k, lo, hi int64) int64 {
			if k < 0 {
				k += n
			}
			return max(lo, min(k, hi))
		}
		var r [3]int64
		switch {
		case n == 0:
			r = [3]int64{0, 0, 1}
		case step > 0:
			r = [3]int64{clamp(starts[i], 0, n), clamp(ends[i], 0, n), min(step, n)}
		case step < 0:
			r = [3]int64{clamp(starts[i], 0, n-1), clamp(ends[i], -1, n-1), max(step, -n)}
		default:
			im.failf(ErrInvalid, "steps: got 0, want another number")
		}
		keep = append(keep, [3]int{int(r[0]), int(r[1]), int(r[2])})
	}
	return axes, keep
}

func (im *importer) slice() {
	v := im.channels(0)
	axes, keep := im.ranges(v.dims)
	for i, axis := range axes {
		r, n := keep[i], v.dims[axis]
		if r[0] == 0 && r[1] == n && r[2] == 1 {
			continue
		}
		if axis == 1 && r[2] > 0 && r[0] < r[1] && im.plain(v) { // channels: a node, and views of it stay plain
			s := slices.Clone(im.shapes[v.base])
			s[0] = (r[1] - r[0] + r[2] - 1) / r[2]
			v = im.add(weights.OpSlice, nodeName(im.n), im.n.outputs[0], []string{v.base}, map[string][]int{"range": r[:]}, nil, s...)
			continue
		}
		var list []int
		for k := r[0]; r[2] > 0 && k < r[1] || r[2] < 0 && k > r[1]; k += r[2] {
			list = append(list, k)
		}
		v = im.pick(v, axis, list, false)
	}
	c := *v
	im.out(&c)
}

// parts reads the sizes of a split of dimension axis into count parts, or, where
// count is 0, as many as there are.
func (im *importer) parts(v *value, axis, count int) []int {
	n := v.dims[axis]
	list := im.listOf("split", 1)
	switch {
	case list == nil && count == 0:
		im.failf(ErrUnsupported, "split: got none, want sizes")
	case list == nil: // equal parts, the last one smaller
		if k := im.attrInt("num_outputs", int64(count)); k != int64(count) {
			im.failf(ErrInvalid, "num_outputs: got %d, want %d", k, count)
		}
		part := int64((n + count - 1) / count)
		for left := int64(n); left > 0; left -= part {
			list = append(list, min(part, left))
		}
	case len(list) == 1 && count == 0: // one size for all
		if list[0] < 1 || (int64(n)-1)/list[0] >= maxAttr {
			im.failf(ErrUnsupported, "split: got %v of %v, want a positive size, and at most %d parts", list, v.dims, maxAttr)
		}
		for left := int64(n) - list[0]; left > 0; left -= list[0] {
			list = append(list, min(list[0], left))
		}
	}
	var sizes []int
	left := n
	for _, c := range list {
		if c < 0 || c > int64(left) || c == 0 && count > 0 {
			im.failf(ErrInvalid, "split: got %v of %v, want positive sizes with sum %d", list, v.dims, n)
		}
		left -= int(c)
		sizes = append(sizes, int(c))
	}
	if left != 0 || count != 0 && len(sizes) != count {
		im.failf(ErrInvalid, "split: got %v for %d outputs, want as many sizes, with sum %d", sizes, len(im.n.outputs), n)
	}
	return sizes
}

// cut cuts v along axis. Channels of a model value are cut by a node.
func (im *importer) cut(v *value, axis int, sizes []int, names []string) []*value {
	var out []*value
	if axis == 1 && im.plain(v) {
		from := im.shapes[v.base]
		if len(sizes) == 1 {
			return []*value{v}
		}
		shape := func(c int) []int { return append([]int{c}, from[1:]...) }
		first := im.add(weights.OpSplit, nodeName(im.n), names[0], []string{v.base}, map[string][]int{"sizes": sizes}, nil, shape(sizes[0])...)
		node := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
		for i, c := range sizes {
			if i > 0 {
				name := im.unique("v:", names[i])
				im.shapes[name], im.nonneg[name] = shape(c), im.nonneg[first.base]
				node.Outputs = append(node.Outputs, name)
			}
			out = append(out, &value{base: node.Outputs[i], dims: append([]int{1}, shape(c)...)})
		}
		return out
	}
	at := 0
	for _, c := range sizes {
		keep := make([]int, c)
		for k := range keep {
			keep[k] = at + k
		}
		at += c
		out = append(out, im.pick(v, axis, keep, false))
	}
	return out
}

func (im *importer) split() {
	v := im.channels(0)
	axis := im.axis(0, len(v.dims))
	names := slices.Clone(im.n.outputs)
	for i, name := range names {
		if name == "" {
			names[i] = nodeName(im.n) + "/unused"
		}
	}
	for i, part := range im.cut(v, axis, im.parts(v, axis, len(names)), names) {
		if im.n.outputs[i] != "" {
			c := *part
			im.define(im.n.outputs[i], &c)
		}
	}
}

// splitToSequence is how PyTorch's newer exporter writes a split before it is
// optimised; SequenceAt takes its parts.
func (im *importer) splitToSequence() {
	v := im.channels(0)
	axis := im.axis(0, len(v.dims))
	var sizes, at []int // of the parts that are not empty, and where those are
	seq := make([]*value, 0)
	var names []string
	for i, c := range im.parts(v, axis, 0) {
		if seq = append(seq, nil); c > 0 {
			sizes, at = append(sizes, c), append(at, i)
			names = append(names, fmt.Sprintf("%s/%d", im.n.outputs[0], i))
		}
	}
	for i, part := range im.cut(v, axis, sizes, names) {
		seq[at[i]] = part
	}
	im.out(&value{seq: seq})
}

func (im *importer) sequenceAt() {
	v := im.in(0)
	if v == nil || v.seq == nil {
		im.failf(ErrInvalid, "input: got no sequence, want one")
	}
	t := im.constant(1, true)
	if !t.isInt() || len(t.i) != 1 {
		im.failf(ErrInvalid, "position: got %d values, want one integer", t.len())
	}
	part := v.seq[im.entry(t.i[0], len(v.seq))]
	if part == nil {
		im.failf(ErrUnsupported, "position: got %d, an empty part, want one with elements", t.i[0])
	}
	c := *part
	im.out(&c)
}

func (im *importer) concat() {
	if len(im.n.inputs) == 0 {
		im.failf(ErrInvalid, "got no inputs, want one or more")
	}
	axis := im.axis(1, len(im.act(0).dims))
	im.sampleAxis(im.act(0), axis)
	if len(im.n.inputs) == 1 {
		im.identity()
		return
	}
	for i := range im.n.inputs {
		v, w := im.act(i), im.act(0)
		same := len(v.dims) == len(w.dims)
		for d := range v.dims {
			same = same && (d == axis || v.dims[d] == w.dims[d])
		}
		if !same {
			im.failf(ErrInvalid, "inputs: got shapes %v and %v, want the same but for dimension %d", w.dims, v.dims, axis)
		}
	}
	if rank := len(im.act(0).dims); axis != 1 || rank == 3 || rank > 4 {
		im.stack(axis)
		return
	}
	var in []string
	var out []int
	for i := range im.n.inputs {
		x, s := im.any(i)
		if in = append(in, x); out == nil {
			out = slices.Clone(s)
		} else {
			out[0] += s[0]
		}
	}
	im.emit(weights.OpConcat, in, nil, nil, out...)
}

// stack joins views along a dimension that is not the channels': the model's
// values are joined along channels, and the result is a view of that. (Two
// tensors stacked and reshaped are a channel shuffle.)
func (im *importer) stack(axis int) {
	var views []*value
	var bases []string
	var shape []int
	dims := slices.Clone(im.act(0).dims)
	after, _ := product(dims[axis+1:])
	dims[axis] = 0
	run := after
	for i := range im.n.inputs {
		v := im.act(i)
		s := im.shapes[v.base]
		if v.padded() || shape != nil && !slices.Equal(shape[1:], s[1:]) {
			im.failf(ErrUnsupported, "inputs: got shapes %v and %v joined along dimension %d, want the channels of equal planes", shape, s, axis)
		}
		if shape == nil {
			shape = append([]int{0}, s[1:]...)
		}
		shape[0] += s[0]
		dims[axis] += v.dims[axis]
		run = gcd(run, v.whole())
		views, bases = append(views, v), append(bases, v.base)
	}
	if _, ok := product(shape); !ok {
		im.failf(ErrUnsupported, "output: got shape %v, want at most %d elements", dims, maxSize)
	}
	joined := im.add(weights.OpConcat, nodeName(im.n), im.n.outputs[0]+"/concat", bases, nil, nil, shape...)
	n, ok := product(dims)
	if !ok {
		im.failf(ErrUnsupported, "output: got shape %v, want at most %d elements", dims, maxSize)
	}
	im.spend(n / run)
	index := make([]int32, 0, n/run)
	parts := make([][]int32, len(views))
	for i, v := range views {
		parts[i] = im.runs(v, run)
	}
	before, _ := product(dims[:axis])
	for b := range before {
		offset := 0
		for i, v := range views {
			per := v.dims[axis] * after / run
			for _, at := range parts[i][b*per:][:per] {
				index = append(index, at+int32(offset))
			}
			offset += im.size(v.base)
		}
	}
	im.out(im.view(joined, dims, index, run))
}

func (im *importer) identity() {
	v := *im.act(0)
	im.out(&v)
}
