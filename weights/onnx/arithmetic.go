package onnx

import (
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
	if op == weights.OpDiv && at == 1 {
		p = spot{im.functionOf(weights.OpReciprocal, im.n.Outputs[0]+"/reciprocal", p.x, nil, nil).base, p.s, p.view}
	}
	a := im.newAffine(p.s[0])
	for i, v := range im.spread(t, x, p) {
		switch {
		case op == weights.OpDiv && at == 1:
			a.scale[i] = v
		case op == weights.OpMul:
			a.scale[i] = v
		case op == weights.OpSub && at == 1:
			a.scale[i], a.shift[i] = -1, v
		case op == weights.OpSub:
			a.shift[i] = -v
		case v == 0:
			im.failf(ErrUnsupported, "got a division by 0, want another constant")
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
		x, y, look := im.together(acc, im.act(i), i)
		shape, _ := broadcastOf(im.shapes[x], im.shapes[y])
		acc = look(im.add(op, im.n.Label(), name, []string{x, y}, nil, nil, shape...))
	}
	im.out(acc)
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
