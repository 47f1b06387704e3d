package onnx

import "slices"

// Where two activations are combined element by element that are not of one shape, or not
// as a model has its values.

// broadcastOf is the shape that two shapes of one sample have together.
func broadcastOf(a, b []int) ([]int, bool) {
	if len(a) != len(b) {
		return nil, false
	}
	out := slices.Clone(a)
	for i, d := range b {
		if out[i] == 1 {
			out[i] = d
		} else if d != 1 && d != out[i] {
			return nil, false
		}
	}
	return out, true
}

// together finds model values x and y of shapes that broadcast, which hold a and b, the
// second of which is input j of the node at work. look makes of a result of theirs what it
// is to look like.
func (im *importer) together(a, b *value, j int) (x, y string, look func(*value) *value) {
	a, b = im.ranked(a, b)
	dims, ok := broadcastOf(a.dims, b.dims)
	if !ok || a.lead != b.lead && im.batch > 1 {
		im.failf(ErrUnsupported, "inputs: got shapes %v and %v, want each dimension equal, or 1 in one of them", im.whole(a), im.whole(b))
	}
	a, b = narrowed(a, b, dims), narrowed(b, a, dims)
	if x, y, look := im.pair(a, b, j); look != nil {
		return x, y, look
	}
	if x, y, look := im.merged(a, b, j, dims); look != nil {
		return x, y, look
	}
	if x, y, look := im.inLayout(a, b, j); look != nil {
		return x, y, look
	}
	im.failf(ErrUnsupported, "inputs: got shapes %v and %v, want some that a model's values [C H W] have", im.whole(a), im.whole(b))
	return "", "", nil
}

// ranked are a and b with as many dimensions: the shorter one gets such of 1 in front.
func (im *importer) ranked(a, b *value) (*value, *value) {
	longer := func(v *value, n int) *value {
		if len(v.dims) >= n || !im.single {
			return v
		}
		return im.reshaped(v, slices.Concat(slices.Repeat([]int{1}, n-len(v.dims)), v.dims))
	}
	return longer(a, len(b.dims)), longer(b, len(a.dims))
}

// narrowed is v, or what it repeats if that will do beside the other operand.
func narrowed(v, other *value, dims []int) *value {
	if v.narrow == nil {
		return v
	}
	if all, ok := broadcastOf(v.narrow.dims, other.dims); ok && slices.Equal(all, dims) {
		return v.narrow
	}
	return v
}

// merged merges dimensions of both operands into channels, rows and columns. look is nil if
// there is no way.
func (im *importer) merged(a, b *value, j int, dims []int) (x, y string, look func(*value) *value) {
	rank := len(dims)
	if rank < 2 || dims[0] != 1 || a.lead|b.lead != 0 || a.padded() || b.padded() {
		return "", "", nil
	}
	goes := func(lo, hi int) bool { // dimensions lo to hi may be one
		s, t := a.dims[lo:hi], b.dims[lo:hi]
		return slices.Equal(s, t) || product1(s) == 1 || product1(t) == 1
	}
	merge := func(v *value, i, k int) *value {
		return im.reshaped(v, []int{1, product1(v.dims[1:i]), product1(v.dims[i:k]), product1(v.dims[k:])})
	}
	best, most := [2]int{}, -1
	for i := 1; i <= rank; i++ {
		for k := i; k <= rank; k++ {
			if !goes(1, i) || !goes(i, k) || !goes(k, rank) {
				continue
			}
			score := 0 // elements that need not move
			for _, v := range []*value{a, b} {
				if im.settles(merge(v, i, k)) {
					score += v.elems()
				}
			}
			if score > most {
				best, most = [2]int{i, k}, score
			}
		}
	}
	if most < 0 || most < max(a.elems(), b.elems()) && rank != 4 && im.bijective(a) {
		return "", "", nil
	}
	x = im.settle(merge(a, best[0], best[1]), im.n.Inputs[0]+"/merged")
	y = im.settle(merge(b, best[0], best[1]), im.n.Inputs[j]+"/merged")
	return x, y, func(v *value) *value { return im.reshaped(v, dims) }
}

// bijective says whether a view has every element of its base once.
func (im *importer) bijective(v *value) bool {
	if v.padded() || v.elems() != im.size(v.base) {
		return false
	}
	seen := make([]bool, v.elems()/v.whole())
	for _, first := range v.index {
		k := int(first) / v.run
		if int(first)%v.run != 0 || seen[k] {
			return false
		}
		seen[k] = true
	}
	return true
}

// inLayout brings b to where a lies, whose shapes are equal. look is nil if a is no view of
// all elements of a model's value.
func (im *importer) inLayout(a, b *value, j int) (x, y string, look func(*value) *value) {
	if !slices.Equal(a.dims, b.dims) || a.lead|b.lead != 0 || b.padded() || !im.bijective(a) {
		return "", "", nil
	}
	shape := append([]int{1}, im.shapes[a.base]...)
	y = im.settle(im.undone(a, b, shape), im.n.Inputs[j]+"/moved")
	p := spot{a.base, im.shapes[a.base], a}
	return a.base, y, p.done
}

// undone is b, moved as a's base is by the inverse of a.
func (im *importer) undone(a, b *value, shape []int) *value {
	if a.index == nil {
		return im.reshaped(b, shape)
	}
	run := gcd(a.whole(), b.whole())
	from, to := im.runs(b, run), im.runs(a, run)
	im.spend(len(from))
	index := make([]int32, len(from))
	for k, at := range to {
		index[int(at)/run] = from[k]
	}
	return im.view(b, shape, index, run)
}
