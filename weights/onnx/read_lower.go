package onnx

import (
	"maps"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// Operators that compute with integers, such as QLinearConv, are what ONNX Runtime's
// quantizer writes in its format QOperator. They mean what an operator of floats means
// between DequantizeLinear and QuantizeLinear, and are read as these: one reader knows
// both formats.

// lowering adds the nodes that stand for one that computes with integers.
type lowering func(l *lowered)

// lowered is a node that computes with integers, and what stands for it.
type lowered struct {
	im     *importer
	n      *proto.Node
	prefix string // of the values between
	nodes  []*proto.Node
}

// in is the name of an input of the node; "" where it is left out.
func (l *lowered) in(i int) string {
	if i >= len(l.n.Inputs) {
		return ""
	}
	return l.n.Inputs[i]
}

// put adds a node, and returns its result: out, or a value of its own if that is "".
func (l *lowered) put(op, out string, attrs map[string]*proto.Attr, in ...string) string {
	if out == "" {
		out = l.prefix + l.im.unique("p:"+l.prefix, op)
	}
	l.im.spend(64 + len(in) + len(l.prefix)/4)
	l.nodes = append(l.nodes, &proto.Node{
		Name: l.prefix + op, Op: op, Inputs: in, Outputs: []string{out}, Attrs: attrs, Opset: l.n.Opset, For: l.n,
	})
	return out
}

// layer is put of what computes, under the name that the file gives the node.
func (l *lowered) layer(op string, attrs map[string]*proto.Attr, in ...string) string {
	out := l.put(op, "", attrs, in...)
	l.nodes[len(l.nodes)-1].Name = l.n.Label()
	return out
}

// real is what input i means, whose scale and zero point are inputs too.
func (l *lowered) real(i, scale, zero int) string { return l.realAlong(-1, i, scale, zero) }

// realAlong is real where each entry of an axis may have a scale; -1: none has.
func (l *lowered) realAlong(axis int64, i, scale, zero int) string {
	var attrs map[string]*proto.Attr
	if axis >= 0 {
		attrs = map[string]*proto.Attr{"axis": {Type: proto.AttrInteger, I: axis}}
	}
	return l.put("DequantizeLinear", "", attrs, l.in(i), l.in(scale), l.in(zero))
}

// sums is what input i means, which is of 32 bits, or left out: it is counted in the steps of
// products, whose scales the other inputs are.
func (l *lowered) sums(i int, scales ...string) string {
	if l.in(i) == "" {
		return ""
	}
	step := scales[0]
	for _, s := range scales[1:] {
		step = l.put("Mul", "", nil, step, s)
	}
	axis := map[string]*proto.Attr{"axis": {Type: proto.AttrInteger}}
	return l.put("DequantizeLinear", "", axis, l.in(i), step)
}

// result makes the node's output of what it means.
func (l *lowered) result(v string, scale, zero int) {
	l.put("QuantizeLinear", l.n.Outputs[0], nil, v, l.in(scale), l.in(zero))
}

// checked fails unless the node has so many inputs, one output, and its channels where
// ONNX has them.
func (l *lowered) checked(least, most int) {
	n := len(l.n.Inputs)
	if n < least || n > most || len(l.n.Outputs) != 1 {
		l.fail(ErrInvalid, "got %d inputs and %d outputs, want %d to %d and one", n, len(l.n.Outputs), least, most)
	}
	if a := l.n.Attrs["channels_last"]; a != nil && a.I != 0 {
		l.fail(ErrUnsupported, "channels_last: got %d, want 0", a.I)
	}
}

// fail ends the import: nothing has been read that could be listed too.
func (l *lowered) fail(kind error, format string, args ...any) {
	panic(failure{l.im.errorf(kind, format, args...), true})
}

// attrs is those of the node, less some.
func (l *lowered) attrs(without ...string) map[string]*proto.Attr {
	c := maps.Clone(l.n.Attrs)
	for _, name := range append(without, "channels_last") {
		delete(c, name)
	}
	return c
}
