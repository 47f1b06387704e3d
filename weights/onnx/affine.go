package onnx

import "github.com/riffle-ml/riffle/weights"

// What a product or a sum with constants per channel becomes, whichever operator
// asks for it. It stays in double precision until a layer absorbs it, or until it is
// stored because none could.

func (im *importer) newAffine(c int) affine {
	im.spend(4 * c)
	a := affine{make([]float64, c), make([]float64, c)}
	for i := range a.scale {
		a.scale[i] = 1
	}
	return a
}

// emitAffine adds an affine node at p and defines the node's output; its tensors come
// last, in fuse.
func (im *importer) emitAffine(p spot, a affine) {
	for c, v := range a.scale {
		if !finite(v) || !finite(a.shift[c]) {
			im.failf(ErrInvalid, "channel %d: got factor %v and summand %v, want finite ones", c, v, a.shift[c])
		}
	}
	y := im.add(weights.OpAffine, im.n.Label(), im.n.Outputs[0], []string{p.x}, nil, map[string]string{}, p.s...)
	im.affines[y.base] = a
	im.out(p.done(y))
}

// isAffine says whether n is an affine node, and returns its factors and summands.
func (im *importer) isAffine(n *weights.Node) (affine, bool) {
	a, ok := im.affines[n.Outputs[0]]
	return a, ok && n.Op == weights.OpAffine
}

// absorbAffine makes p compute what the affine node n makes of its result. p is an
// affine node itself, or a layer to which foldAffine applies all that it absorbed at once:
// a file may have many affine nodes behind one large weight.
func absorbAffine(im *importer, p, n *weights.Node) bool {
	a, ok := im.isAffine(n)
	if !ok {
		return false
	}
	b, ok := im.affines[p.Outputs[0]]
	if !ok {
		im.affines[p.Outputs[0]] = a // n is gone, so that a is p's own
		return true
	}
	for c := range a.scale {
		b.scale[c] *= a.scale[c]
		b.shift[c] = b.shift[c]*a.scale[c] + a.shift[c]
	}
	return true
}

// foldAffine applies to a convolution or a linear layer the affine nodes that it
// absorbed. Its tensors are its own: store copied them.
func foldAffine(im *importer, p *weights.Node) {
	a, ok := im.affines[p.Outputs[0]]
	if !ok {
		return
	}
	w := im.m.Tensors[im.tensors[p.Tensors["weight"]]].Data
	per := len(w) / len(a.scale)
	for i := range w {
		w[i] = float32(float64(w[i]) * a.scale[i/per])
	}
	if p.Tensors["bias"] == "" {
		p.Tensors["bias"] = im.storeFor(p.Name, "bias", make([]float32, len(a.scale)), len(a.scale))
	}
	b := im.m.Tensors[im.tensors[p.Tensors["bias"]]].Data
	for c := range b {
		b[c] = float32(float64(b[c])*a.scale[c] + a.shift[c])
	}
}

func singles(v []float64) []float32 {
	out := make([]float32, len(v))
	for i := range v {
		out[i] = float32(v[i])
	}
	return out
}
