package onnx

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// affine is y[c] = scale[c]*x[c] + shift[c]. It stays in double precision until
// it is folded, or stored because nothing could take it.
type affine struct{ scale, shift []float64 }

// emitAffine adds an affine node for activation input i; its tensors come
// last, in fuse.
func (im *importer) emitAffine(i int, a affine) {
	x, s := im.any(i)
	for c, v := range a.scale {
		if !finite(v) || !finite(a.shift[c]) {
			im.failf(ErrInvalid, "channel %d: got factor %v and summand %v, want finite ones", c, v, a.shift[c])
		}
	}
	im.emit(weights.OpAffine, []string{x}, nil, map[string]string{}, s...)
	im.affines[im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1].Outputs[0]] = a
}

func (im *importer) batchNorm() {
	x := im.act(0)
	if len(x.dims) < 2 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N C ...]", x.dims)
	}
	if im.attrInt("training_mode", 0) != 0 {
		im.failf(ErrUnsupported, "training_mode: got 1, want 0 (export the model in evaluation mode)")
	}
	if im.attrInt("spatial", 1) != 1 {
		im.failf(ErrUnsupported, "spatial: got 0, want 1")
	}
	for _, o := range im.n.outputs[1:] {
		if o != "" {
			im.failf(ErrUnsupported, "got more than one output, want one (export the model in evaluation mode)")
		}
	}
	c := x.dims[1]
	var p [4][]float32 // gamma, beta, mean, variance
	for i := range p {
		t := im.floatConstant(1+i, true)
		if len(t.f) != c {
			im.failf(ErrInvalid, "input %q: got %d values, want %d", im.n.inputs[1+i], len(t.f), c)
		}
		p[i] = t.f
	}
	eps := 1e-5
	if a := im.n.attrs["epsilon"]; a != nil {
		eps = float64(a.f)
	}
	a := im.newAffine(c)
	for i := range c {
		if v := float64(p[3][i]) + eps; !(v > 0) {
			im.failf(ErrInvalid, "channel %d: got variance %v and epsilon %v, want a positive sum", i, p[3][i], eps)
		} else {
			a.scale[i] = float64(p[0][i]) / math.Sqrt(v)
		}
		a.shift[i] = float64(p[1][i]) - float64(p[2][i])*a.scale[i]
	}
	im.emitAffine(0, a)
}

func (im *importer) newAffine(c int) affine {
	im.spend(4 * c)
	a := affine{make([]float64, c), make([]float64, c)}
	for i := range a.scale {
		a.scale[i] = 1
	}
	return a
}

// activation is the first input that is none of the constants.
func (im *importer) activation() int {
	for i := range im.n.inputs {
		if v := im.in(i); v != nil && v.c == nil {
			return i
		}
	}
	return 0
}

// perChannel spreads a constant over the channels of x.
func (im *importer) perChannel(t *tensor, x *value) []float64 {
	if t.isInt() {
		im.failf(ErrUnsupported, "constant: got integers, want float32")
	}
	if len(x.dims) < 2 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N C ...]", x.dims)
	}
	// Shapes are aligned at the right: C values lie where the channels do, and
	// every other dimension is 1.
	c := x.dims[1]
	at := len(t.dims) - len(x.dims) + 1
	if len(t.dims) > len(x.dims) || len(t.f) != 1 && (len(t.f) != c || at < 0 || t.dims[at] != c) {
		im.failf(ErrUnsupported, "constant: got dimensions %v for %v, want one value, or one for each of the %d channels", t.dims, x.dims, c)
	}
	im.spend(2 * c)
	out := make([]float64, c)
	for i := range out {
		out[i] = float64(t.f[i%len(t.f)])
	}
	return out
}

// scaleOrShift is Mul, Div or Sub of an activation and a constant.
func (im *importer) scaleOrShift() {
	if len(im.n.inputs) != 2 {
		im.failf(ErrInvalid, "got %d inputs, want 2", len(im.n.inputs))
	}
	at := im.activation()
	k := im.perChannel(im.constant(1-at, true), im.act(at))
	a := im.newAffine(len(k))
	for i, v := range k {
		switch {
		case im.n.op == "Mul":
			a.scale[i] = v
		case im.n.op == "Sub" && at == 1:
			a.scale[i], a.shift[i] = -1, v
		case im.n.op == "Sub":
			a.shift[i] = -v
		case at == 1 || v == 0:
			im.failf(ErrUnsupported, "got a division by an activation or by 0, want a constant")
		default:
			a.scale[i] = 1 / v
		}
	}
	im.emitAffine(at, a)
}

func (im *importer) negate() {
	x := im.act(0)
	if len(x.dims) < 2 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N C ...]", x.dims)
	}
	a := im.newAffine(x.dims[1])
	for i := range a.scale {
		a.scale[i] = -1
	}
	im.emitAffine(0, a)
}

// addition is Add, of a constant too, and Sum.
func (im *importer) addition() {
	k := len(im.n.inputs)
	if k == 1 && im.n.op == "Sum" {
		im.identity()
		return
	}
	if k < 2 || k > 2 && im.n.op == "Add" {
		im.failf(ErrInvalid, "got %d inputs, want 2", k)
	}
	at := im.activation()
	if v := im.in(1 - min(at, 1)); k == 2 && v != nil && v.c != nil {
		shift := im.perChannel(v.c, im.act(at))
		a := im.newAffine(len(shift))
		copy(a.shift, shift)
		im.emitAffine(at, a)
		return
	}
	sum, s := im.any(0)
	for i := 1; i < k; i++ {
		y, t := im.any(i)
		if !slices.Equal(s, t) {
			im.failf(ErrUnsupported, "inputs: got shapes %v and %v, want the same", s, t)
		}
		if i < k-1 {
			sum = im.add(weights.OpAdd, nodeName(im.n), im.n.outputs[0]+"/sum", []string{sum, y}, nil, nil, s...).base
		} else {
			im.emit(weights.OpAdd, []string{sum, y}, nil, nil, s...)
		}
	}
}
