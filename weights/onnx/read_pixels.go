package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// pointwiseLayer is a linear layer of the last dimension of v, which are the channels of a
// model value's pixels: a pointwise convolution. It returns the result.
func (im *importer) pointwiseLayer(v *value, w *tensor) *value {
	x, look := im.lastDimension(v)
	c, o := w.dims[0], w.dims[1]
	im.spend(len(w.f))
	data := make([]float32, len(w.f))
	for i := range c {
		for k := range o {
			data[k*c+i] = w.f[i*o+k]
		}
	}
	s := im.shapes[x]
	tensors := map[string]string{"weight": im.store("weight", w.name, data, o, c, 1, 1)}
	im.steps[tensors["weight"]] = w.steps
	return look(im.add(weights.OpConv, im.n.Label(), im.n.Outputs[0], []string{x}, pointwiseAttrs(), tensors, o, s[1], s[2]))
}

// pointwiseAttrs are the attributes of a convolution of single pixels.
func pointwiseAttrs() map[string][]int {
	return map[string][]int{"kernel": {1, 1}, "stride": {1, 1}, "dilation": {1, 1}, "pad": {0, 0, 0, 0}, "groups": {1}}
}

// lastDimension settles v such that its last dimension is the channels of a model value,
// and returns that, and what a result of its shape is to look like.
func (im *importer) lastDimension(v *value) (x string, look func(*value) *value) {
	if len(v.dims) > 1 && v.dims[0] != 1 && im.single { // windows of an image, one behind the other
		x, look := im.lastDimension(im.reshaped(v, append([]int{1}, v.dims...)))
		return x, func(y *value) *value {
			y = look(y)
			return im.reshaped(y, y.dims[1:])
		}
	}
	rank := len(v.dims)
	perm, dims := []int{0, rank - 1}, []int{v.dims[0], v.dims[rank-1]}
	back, pixels := []int{0}, 1
	for d := 1; d < rank-1; d++ {
		perm, dims = append(perm, d), append(dims, v.dims[d])
		back, pixels = append(back, d+1), pixels*v.dims[d]
	}
	back = append(back, 1)
	if rank == 2 {
		return im.settle(v, im.n.Inputs[0]), func(y *value) *value { return y }
	}
	if dims[0] != 1 || v.lead != 0 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N ... C]", im.whole(v))
	}
	t := im.transposed(v, perm, dims)
	planes := []int{1, dims[1], 1, pixels}
	if rank == 4 {
		planes = dims
	} else if from := im.shapes[v.base]; len(from) == 3 && from[1]*from[2] == pixels {
		planes = []int{1, dims[1], from[1], from[2]}
	}
	x = im.settle(im.reshaped(t, planes), im.n.Inputs[0]+"/channels")
	return x, func(y *value) *value {
		sizes := make([]int, rank)
		now := slices.Concat(dims[:1], []int{im.shapes[y.base][0]}, dims[2:])
		for i, d := range back {
			sizes[i] = now[d]
		}
		return im.transposed(im.reshaped(y, now), back, sizes)
	}
}
