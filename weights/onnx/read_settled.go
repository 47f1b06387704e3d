package onnx

import "slices"

// any settles activation input i, so that what reads it again shares the nodes,
// and returns its name and shape.
func (im *importer) any(i int) (string, []int) {
	name := im.settle(im.act(i), im.n.Inputs[i])
	im.share(i, name)
	return name, im.shapes[name]
}

// planes is any of what must be [1 C H W].
func (im *importer) planes(i int) (string, []int) {
	v := im.act(i)
	if len(v.dims) != 4 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W]", im.n.Inputs[i], v.dims)
	}
	return im.any(i)
}

// vector is any of what must be [1 N], or [N] where the batch is 1 and was dropped.
func (im *importer) vector(i int) (string, int) {
	v := im.act(i)
	if len(v.dims) == 1 && im.single {
		v = im.regrouped(v, []int{1, v.dims[0]})
	}
	if len(v.dims) != 2 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N K]", im.n.Inputs[i], im.whole(v))
	}
	x := im.settle(v, im.n.Inputs[i])
	if len(im.act(i).dims) == 2 {
		im.share(i, x)
	}
	return x, im.shapes[x][0]
}

// vectorOf is v, of one sample, as a vector.
func (im *importer) vectorOf(v *value) *value {
	out := im.reshaped(v, []int{1, v.elems()})
	out.lead = 0
	return out
}

// share makes activation input i stand for model value x, so that what reads it again
// shares the nodes that settled it.
func (im *importer) share(i int, x string) {
	im.values[im.n.Inputs[i]] = &value{base: x, dims: append([]int{1}, im.shapes[x]...)}
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
