package onnx

import "github.com/riffle-ml/riffle/weights"

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
		im.failf(ErrInvalid, "split: got %v for %d outputs, want as many sizes, with sum %d", sizes, len(im.n.Outputs), n)
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
		first := im.add(weights.OpSplit, im.n.Label(), names[0], []string{v.base}, map[string][]int{"sizes": sizes}, nil, shape(sizes[0])...)
		node := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
		for i, c := range sizes {
			if i > 0 {
				name := im.unique("v:", names[i])
				im.shapes[name], im.nonneg[name] = shape(c), im.nonneg[first.base]
				if q, ok := im.quants[first.base]; ok {
					im.quants[name] = q
				}
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
