package onnx

import "slices"

// any settles activation input i, so that what reads it again shares the nodes,
// and returns its name and shape.
func (im *importer) any(i int) (string, []int) {
	name := im.settle(im.act(i), im.n.Inputs[i])
	s := im.shapes[name]
	im.values[im.n.Inputs[i]] = &value{base: name, dims: append([]int{1}, s...)}
	return name, s
}

// planes is any of what must be [1 C H W].
func (im *importer) planes(i int) (string, []int) {
	v := im.act(i)
	if len(v.dims) != 4 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W]", im.n.Inputs[i], v.dims)
	}
	return im.any(i)
}

// vector is any of what must be [1 N].
func (im *importer) vector(i int) (string, int) {
	v := im.act(i)
	if len(v.dims) != 2 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N K]", im.n.Inputs[i], v.dims)
	}
	name, s := im.any(i)
	return name, s[0]
}

// channels settles activation input i if it is a model value but for the order
// or the choice of channels, so that slices of it become nodes; otherwise it stays
// a view.
func (im *importer) channels(i int) *value {
	v := im.act(i)
	from := im.shapes[v.base]
	if v.base == "" || len(v.dims) != len(from)+1 || v.dims[0] != 1 || !slices.Equal(v.dims[2:], from[1:]) || v.padded() {
		return v
	}
	if hw, _ := product(from[1:]); v.index != nil && v.run%hw != 0 {
		return v
	}
	im.any(i)
	return im.values[im.n.Inputs[i]]
}

// same is an operator that keeps the shape.
func (im *importer) same(op string) {
	x, s := im.any(0)
	im.emit(op, []string{x}, nil, nil, s...)
}
