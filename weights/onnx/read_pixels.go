package onnx

import "github.com/riffle-ml/riffle/weights"

// pointwiseLayer is a linear layer of the last dimension of v, which are the channels of a
// model value's pixels: a pointwise convolution.
func (im *importer) pointwiseLayer(v *value, w *tensor) {
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
	attrs := map[string][]int{"kernel": {1, 1}, "stride": {1, 1}, "dilation": {1, 1}, "pad": {0, 0, 0, 0}, "groups": {1}}
	tensors := map[string]string{"weight": im.store("weight", w.name, data, o, c, 1, 1)}
	im.out(look(im.add(weights.OpConv, im.n.Label(), im.n.Outputs[0], []string{x}, attrs, tensors, o, s[1], s[2])))
}
