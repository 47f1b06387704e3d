package onnx

import (
	"github.com/riffle-ml/riffle/weights"
)

// Norms that become sums and functions of single elements.
var moveNorms = operator{
	reads: map[string]reader{
		"LRN":             (*importer).responseNorm,
		"LpNormalization": (*importer).lpNormalization,
	},
}

// responseNorm is the local response norm of old networks, x / (bias + alpha/size * the sum
// of the squares of the size channels around)^beta. The sum is a pointwise convolution.
func (im *importer) responseNorm() {
	x, s := im.planes(0)
	c, size := s[0], im.attrCount("size", 0)
	alpha, beta, bias := im.attrFloat("alpha", 1e-4), im.attrFloat("beta", 0.75), im.attrFloat("bias", 1)
	if size > maxAttr || !finite(alpha) || !finite(bias) || c > maxAttr {
		im.failf(ErrUnsupported, "size, alpha and bias: got %d, %v and %v for %d channels, want finite ones, and at most %d", size, alpha, bias, c, maxAttr)
	}
	if beta != 0.5 && beta != 0.75 && beta != 1 {
		im.failf(ErrUnsupported, "beta: got %v, want 0.5, 0.75 or 1", beta)
	}
	im.spend(c * c)
	w := make([]float32, c*c)
	for o := range c {
		for i := max(0, o-(size-1)/2); i <= min(c-1, o+size/2); i++ {
			w[o*c+i] = float32(alpha / float64(size))
		}
	}
	name, label := im.n.Outputs[0], im.n.Label()
	two := func(op, role, a, b string) string {
		return im.add(op, label, name+role, []string{a, b}, nil, nil, s...).base
	}
	b := make([]float32, c)
	for i := range b {
		b[i] = float32(bias)
	}
	tensors := map[string]string{"weight": im.storeFor(label, "window", w, c, c, 1, 1), "bias": im.storeFor(label, "bias", b, c)}
	d := im.add(weights.OpConv, label, name+"/sums", []string{two(weights.OpMul, "/squares", x, x)}, pointwiseAttrs(), tensors, s...).base
	if beta < 1 {
		d = root(im, d)
		if beta == 0.75 {
			d = two(weights.OpMul, "/power", d, root(im, d))
		}
	}
	im.emit(weights.OpDiv, []string{x, d}, nil, nil, s...)
}

// lpNormalization divides by the norm along an axis.
func (im *importer) lpNormalization() {
	v := im.act(0)
	axes := map[int]bool{im.axis(-1, len(v.dims)): true}
	dims, kept := v.reduced(axes, true)
	norm := im.overAxes(im.norm(), v, axes, kept, dims)
	x, y, look := im.together(v, norm, 0)
	shape, _ := broadcastOf(im.shapes[x], im.shapes[y])
	im.out(look(im.add(weights.OpDiv, im.n.Label(), im.n.Outputs[0], []string{x, y}, nil, nil, shape...)))
}
