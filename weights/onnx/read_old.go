package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// What opsets 1 to 6 write in another way.

// aligned is constant t as the operand of a sum or product of a value of a shape. Before
// opset 7 its first dimension may be told to lie along an axis.
func (im *importer) aligned(t *tensor, shape []int) *tensor {
	if im.opset >= 7 {
		return t
	}
	if !im.flag("broadcast", 0) {
		if len(t.dims) != 0 && !slices.Equal(t.dims, shape) {
			im.failf(ErrInvalid, "inputs: got shapes %v and %v without broadcast=1, want the same", shape, t.dims)
		}
		return t
	}
	a := im.attr("axis", proto.AttrInteger)
	if a == nil {
		return t
	}
	axis := im.axisOf(a.I, len(shape))
	behind := len(shape) - axis - len(t.dims)
	if behind < 0 {
		im.failf(ErrInvalid, "axis: got %d for dimensions %v of %v, want them inside", axis, t.dims, shape)
	}
	c := *t
	c.dims = slices.Concat(t.dims, slices.Repeat([]int{1}, behind))
	return &c
}

// inference fails if the node at work is one of a model that is being trained: before
// opset 7 that is so unless is_test says otherwise.
func (im *importer) inference() {
	if im.opset < 7 && !im.flag("is_test", 0) {
		im.failf(ErrUnsupported, "is_test: got 0, want 1 (export the model in evaluation mode)")
	}
}

// castTarget is the type that Cast converts to: a number, or a name before opset 6.
func (im *importer) castTarget() int64 {
	if a := im.n.Attrs["to"]; a != nil && len(a.S) > 0 && im.opset < 6 {
		if typ := proto.TypeNamed(string(a.S)); typ != 0 {
			return typ
		}
		im.failf(ErrUnsupported, "to: got %q, want a type of floats, integers or BOOL", a.S)
	}
	return im.attrInt("to", 0)
}
