package onnx

// constConv is a convolution of a constant, such as that of a table of positions.
var constConv = operator{folds: map[string]evaluator{"Conv": (*importer).convConstant}}

// convConstant is a convolution of [N C H W] in one group;
// nil where there are more.
func (im *importer) convConstant(in []*tensor) *tensor {
	if len(in) < 2 || in[1] == nil {
		return nil
	}
	x, w := in[0], in[1]
	if x.isInt() || w.isInt() || len(x.dims) != 4 || len(w.dims) != 4 || w.dims[1] != x.dims[1] || im.attrCount("group", 1) != 1 ||
		len(in) > 2 && in[2] != nil && len(in[2].f) != w.dims[0] {
		return nil
	}
	attrs, oh, ow := im.window(w.dims[2:], x.dims[1:], [4]int{}, false)
	pad, stride, dil := attrs["pad"], attrs["stride"], attrs["dilation"]
	n, c, o, kh, kw := x.dims[0], x.dims[1], w.dims[0], w.dims[2], w.dims[3]
	if _, ok := product([]int{n, o, oh, ow, c, kh, kw}); !ok {
		return nil
	}
	out := im.like(x, []int{n, o, oh, ow})
	im.spend(out.len() * c * kh * kw / 16) // time, not memory
	for k := range out.f {
		s, channel, i, j := k/(o*oh*ow), k/(oh*ow)%o, k/ow%oh, k%ow
		sum := 0.0
		if len(in) > 2 && in[2] != nil {
			sum = float64(in[2].f[channel])
		}
		for t := range c * kh * kw {
			y, z := i*stride[0]+t/kw%kh*dil[0]-pad[0], j*stride[1]+t%kw*dil[1]-pad[1]
			if y >= 0 && y < x.dims[2] && z >= 0 && z < x.dims[3] {
				sum += float64(w.f[channel*c*kh*kw+t]) * float64(x.f[((s*c+t/(kh*kw))*x.dims[2]+y)*x.dims[3]+z])
			}
		}
		out.f[k] = float32(sum)
	}
	return out
}
