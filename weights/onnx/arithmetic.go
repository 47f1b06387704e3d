package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// What operators share that compute with two activations, or with one and a constant.

// operands is how many inputs the node at work has, which must be two, unless it may have
// more, or one.
func (im *importer) operands(many bool) int {
	k := len(im.n.Inputs)
	if k < 1 || k != 2 && !many {
		im.failf(ErrInvalid, "got %d inputs, want 2", k)
	}
	return k
}

// scaleOrShift is Mul, Div or Sub. With a constant that is one number for each channel,
// it is an affine node.
func (im *importer) scaleOrShift(op string) {
	im.operands(false)
	at := im.activation()
	v := im.in(1 - at)
	if v == nil || v.c == nil {
		im.combine(op)
		return
	}
	x := im.act(at)
	if other := im.in(1 - at); other != nil && other.c == nil {
		im.failf(ErrUnsupported, "inputs: got two activations, want one and a constant")
	}
	t := im.aligned(im.constant(1-at, true), im.whole(x))
	if !im.perChannel(t, x) {
		im.withConstant(op, at, t)
		return
	}
	p := im.pointwise(at, false)
	a := im.newAffine(p.s[0])
	for i, v := range im.spread(t, x, p) {
		switch {
		case op == weights.OpMul:
			a.scale[i] = v
		case op == weights.OpSub && at == 1:
			a.scale[i], a.shift[i] = -1, v
		case op == weights.OpSub:
			a.shift[i] = -v
		case at == 1 || v == 0:
			im.failf(ErrUnsupported, "got a division by an activation or by 0, want a constant")
		default:
			a.scale[i] = 1 / v
		}
	}
	im.emitAffine(p, a)
}

// combine is op of two activations or more, from the left.
func (im *importer) combine(op string) {
	k := len(im.n.Inputs)
	acc := im.act(0)
	for i := 1; i < k; i++ {
		name := im.n.Outputs[0]
		if i < k-1 {
			name += "/part"
		}
		x, y, look := im.pair(acc, im.act(i), i)
		a, b := im.shapes[x], im.shapes[y]
		shape, ok := broadcastOf(a, b)
		if !ok {
			im.failf(ErrUnsupported, "inputs: got shapes %v and %v, want as many dimensions, each equal or 1 in one of them", a, b)
		}
		acc = look(im.add(op, im.n.Label(), name, []string{x, y}, nil, nil, shape...))
	}
	im.out(acc)
}

// withConstant is op of activation input at and a constant of any shape that goes with
// its own.
func (im *importer) withConstant(op string, at int, t *tensor) {
	if t.isInt() {
		im.failf(ErrUnsupported, "constant: got integers, want float32")
	}
	if at == 1 && (op == weights.OpSub || op == weights.OpDiv) {
		im.failf(ErrUnsupported, "constant: got dimensions %v as the first of two operands, want one value, or one for each channel", t.dims)
	}
	x, s := im.any(at)
	pad := len(s) + 1 - len(t.dims)
	if pad < 0 {
		im.failf(ErrUnsupported, "constant: got dimensions %v, want at most %d", t.dims, len(s)+1)
	}
	dims := slices.Concat(slices.Repeat([]int{1}, pad), t.dims)
	shape, ok := broadcastOf(s, dims[1:])
	if dims[0] != 1 || !ok || t.len() == 0 {
		im.failf(ErrUnsupported, "constant: got dimensions %v for shape %v, want each equal, or 1 in one of them", t.dims, s)
	}
	im.spend(t.len())
	y := im.add(op, im.n.Label(), im.n.Outputs[0], []string{x}, nil, nil, shape...)
	n := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
	n.Tensors = map[string]string{"value": im.storeFor(n.Name, "value", slices.Clone(t.f), slices.Clone(dims[1:])...)}
	im.nonneg[y.base] = false
	im.out(y)
}

// broadcastOf is the shape that two shapes of one sample have together.
func broadcastOf(a, b []int) ([]int, bool) {
	if len(a) != len(b) {
		return nil, false
	}
	out := slices.Clone(a)
	for i, d := range b {
		if out[i] == 1 {
			out[i] = d
		} else if d != 1 && d != out[i] {
			return nil, false
		}
	}
	return out, true
}

func (e *exporter) arithmetic(name string, n *weights.Node, s []int) ([][]int, error) {
	in, t := n.Inputs, []int(nil)
	switch {
	case n.Tensors["value"] != "":
		v := e.m.Tensor(n.Tensors["value"])
		if v == nil || len(n.Inputs) != 1 {
			return nil, unsupported("got %d inputs and the tensor value, want one", len(n.Inputs))
		}
		t = v.Shape
		in = []string{n.Inputs[0], e.tensor(v, t...)}
	case len(n.Inputs) == 2:
		t = e.shapes[n.Inputs[1]]
	default:
		return nil, unsupported("got %d inputs, want two", len(n.Inputs))
	}
	out, ok := broadcastOf(s, t)
	if !ok {
		return nil, unsupported("inputs: got shapes %v and %v, want each dimension equal, or 1 in one of them", s, t)
	}
	e.put(n.Name, name, in, n.Outputs)
	return [][]int{out}, nil
}
