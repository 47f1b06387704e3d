package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// withConstant is op of activation input at and a constant of any shape that goes with
// its own.
func (im *importer) withConstant(op string, at int, t *tensor) {
	if t.isInt() {
		im.failf(ErrUnsupported, "constant: got integers, want float32")
	}
	v := im.act(at)
	if len(t.dims) > len(v.dims) && im.single {
		v = im.reshaped(v, slices.Concat(slices.Repeat([]int{1}, len(t.dims)-len(v.dims)), v.dims))
	}
	dims := slices.Concat(slices.Repeat([]int{1}, max(0, len(v.dims)-len(t.dims))), t.dims)
	shape, ok := broadcastOf(v.dims, dims)
	if !ok || t.len() == 0 || v.lead < len(dims) && dims[v.lead] != 1 {
		im.failf(ErrUnsupported, "constant: got dimensions %v for shape %v, want each equal, or 1 in one of them", t.dims, im.whole(v))
	}
	if !im.settles(v) && slices.Equal(shape, v.dims) && v.lead == 0 && im.bijective(v) {
		s := im.shapes[v.base]
		p := spot{v.base, s, v}
		im.out(p.done(im.constantOperand(op, at, v.base, s, im.layOut(t, dims, v))))
		return
	}
	s := v.dims[1:]
	if !im.settles(v) || len(s) != 1 && len(s) != 3 {
		if v.dims[0] != 1 || v.lead != 0 {
			im.failf(ErrUnsupported, "input: got shape %v, want [N ...]", im.whole(v))
		}
		k := max(1, len(v.dims)-2) // all in front are one dimension
		if !slices.Equal(dims[1:k], v.dims[1:k]) && product1(dims[1:k]) != 1 {
			im.failf(ErrUnsupported, "constant: got dimensions %v for shape %v, want the first of them equal, or all 1", t.dims, im.whole(v))
		}
		three := func(d []int) []int {
			d = slices.Concat([]int{product1(d[1:k])}, d[k:])
			return slices.Concat(slices.Repeat([]int{1}, 3-len(d)), d)
		}
		v, dims = im.reshaped(v, append([]int{1}, three(v.dims)...)), append([]int{1}, three(dims)...)
	}
	x := im.settle(v, im.n.Inputs[at])
	if im.plain(im.act(at)) {
		im.share(at, x)
	}
	y := im.constantOperand(op, at, x, im.shapes[x], &tensor{name: t.name, dims: dims[1:], f: t.f})
	if len(shape) != len(y.dims) || !slices.Equal(shape, y.dims) {
		y = im.reshaped(y, shape)
	}
	im.out(y)
}

// constantOperand adds op of model value x and a constant of as many dimensions.
func (im *importer) constantOperand(op string, at int, x string, s []int, t *tensor) *value {
	switch {
	case at == 1 && op == weights.OpSub: // t - x is t + (-x)
		x, op = im.scaled(x, -1, 0), weights.OpAdd
	case at == 1 && op == weights.OpDiv:
		x, op = im.functionOf(weights.OpReciprocal, im.n.Outputs[0]+"/reciprocal", x, nil, nil).base, weights.OpMul
	}
	shape, ok := broadcastOf(s, t.dims)
	if !ok {
		im.failf(ErrUnsupported, "constant: got dimensions %v for shape %v, want each equal, or 1 in one of them", t.dims, s)
	}
	im.spend(t.len())
	y := im.add(op, im.n.Label(), im.n.Outputs[0], []string{x}, nil, nil, shape...)
	n := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
	n.Tensors = map[string]string{"value": im.storeFor(n.Name, "value", slices.Clone(t.f), slices.Clone(t.dims)...)}
	im.nonneg[y.base] = false
	return y
}

// layOut is constant t, of dimensions dims that go with view v's, as it lies beside v's base,
// of which v has every element once. Where all pixels of each channel have one number, it
// has that.
func (im *importer) layOut(t *tensor, dims []int, v *value) *tensor {
	step, n := make([]int, len(dims)), 1
	for d := len(dims) - 1; d >= 0; d-- {
		if dims[d] != 1 {
			step[d] = n
		}
		n *= dims[d]
	}
	s := im.shapes[v.base]
	im.spend(2 * v.elems())
	f := make([]float32, v.elems())
	for e := range f {
		at := e
		if v.index != nil {
			at = int(v.index[e/v.run]) + e%v.run
		}
		f[at] = t.f[offset(e, v.dims, step)]
	}
	per, c := len(f)/s[0], make([]float32, s[0])
	for i, x := range f {
		if c[i/per] = f[i/per*per]; x != c[i/per] {
			return &tensor{name: t.name, dims: slices.Clone(s), f: f}
		}
	}
	return &tensor{name: t.name, dims: append(s[:1:1], slices.Repeat([]int{1}, len(s)-1)...), f: c}
}
