package graph

import (
	"errors"
	"fmt"

	"github.com/riffle-ml/riffle/weights"
)

// Attrs reads the attributes and tensors of one node. It keeps the first error,
// so that a Kind's Parse asks for all it needs and looks at none.
type Attrs struct {
	model *weights.Model
	node  *weights.Node
	used  int
	err   error
}

// Failf notes an error, unless there is one already. It wraps as fmt.Errorf does.
func (a *Attrs) Failf(format string, args ...any) {
	if a.err == nil {
		a.err = fmt.Errorf(format, args...)
	}
}

// Failed says whether there is an error already.
func (a *Attrs) Failed() bool { return a.err != nil }

// finish returns the first error, or that the node has attributes, tensors or scales
// which nobody asked for.
func (a *Attrs) finish() error {
	used := len(a.node.Attrs) + len(a.node.Tensors)
	if a.node.Quant != nil {
		used++
	}
	if a.err == nil && a.used != used {
		return errors.New("has attributes, tensors or scales that the operator does not take")
	}
	return a.err
}

// Ints returns attribute name, which must have len(def) values in [lo, hi]. It
// returns def where the node has none, or if there is an error.
func (a *Attrs) Ints(name string, lo, hi int, def ...int) []int {
	if _, ok := a.node.Attrs[name]; !ok {
		return def
	}
	return a.MustInts(name, lo, hi, def...)
}

// MustInts is Ints for an attribute that the node must have.
func (a *Attrs) MustInts(name string, lo, hi int, def ...int) []int {
	v := a.List(name)
	if v == nil {
		return def
	}
	if len(v) != len(def) {
		a.Failf("attribute %q: got %d values, want %d", name, len(v), len(def))
		return def
	}
	for _, x := range v {
		if x < lo || x > hi {
			a.Failf("attribute %q: got %v, want values in %d..%d", name, v, lo, hi)
			return def
		}
	}
	return v
}

// Flag returns attribute name as a truth value: 0 or 1, 0 where the node has none.
func (a *Attrs) Flag(name string) bool { return a.Ints(name, 0, 1, 0)[0] == 1 }

// Has says whether the node has attribute name.
func (a *Attrs) Has(name string) bool {
	_, ok := a.node.Attrs[name]
	return ok
}

// HasQuant says whether the node says what elements of its outputs mean.
func (a *Attrs) HasQuant() bool { return a.node.Quant != nil }

// Quant returns what elements of the node's one output mean, which the node must say.
func (a *Attrs) Quant() weights.Quant {
	if !a.HasQuant() {
		a.Failf("quant is missing: got no scale and zero point of the result, want one")
		return weights.Quant{Scale: 1}
	}
	a.used++
	return a.node.Quant[0]
}

// List returns attribute name, which the node must have, of any length. The
// list is the model's own.
func (a *Attrs) List(name string) []int {
	v, ok := a.node.Attrs[name]
	if !ok {
		a.Failf("attribute %q is missing", name)
		return nil
	}
	a.used++
	return v
}

// Tensor returns the tensor that the node names for a role, which must have the
// given shape.
func (a *Attrs) Tensor(role string, want ...int) *weights.Tensor {
	if _, ok := a.node.Tensors[role]; !ok {
		a.Failf("tensor %q is missing", role)
		return nil
	}
	return a.Optional(role, want...)
}

// Optional is Tensor for one that the node need not name: nil if it does not.
func (a *Attrs) Optional(role string, want ...int) *weights.Tensor {
	t := a.tensor(role, want)
	if t != nil && t.DType.Integer() {
		a.Failf("tensor %q (%s): got elements of %v, want f32 or f16", t.Name, role, t.DType)
		return nil
	}
	return t
}

// Bytes is Tensor for one of a type whose elements are bytes.
func (a *Attrs) Bytes(role string, typ weights.Type, want ...int) *weights.Tensor {
	if !a.Names(role) {
		a.Failf("tensor %q is missing", role)
		return nil
	}
	t := a.tensor(role, want)
	if t != nil && t.DType != typ {
		a.Failf("tensor %q (%s): got elements of %v, want %v", t.Name, role, t.DType, typ)
		return nil
	}
	return t
}

// tensor returns what the node names for a role, of any type; nil if that is nothing,
// or of another shape.
func (a *Attrs) tensor(role string, want Shape) *weights.Tensor {
	name, ok := a.node.Tensors[role]
	if !ok {
		return nil
	}
	a.used++
	t := a.model.Tensor(name)
	if t == nil {
		a.Failf("tensor %q (%s): not in the file", name, role)
		return nil
	}
	if !want.Equal(t.Shape) {
		a.Failf("tensor %q (%s): got shape %v, want %v", name, role, Shape(t.Shape), want)
		return nil
	}
	return t
}

// Number returns the one value of the tensor that the node names for a role.
func (a *Attrs) Number(role string) float32 {
	if t := a.Tensor(role, 1); t != nil {
		return t.Data[0]
	}
	return 0
}

// Names says whether the node names a tensor for a role.
func (a *Attrs) Names(role string) bool {
	_, ok := a.node.Tensors[role]
	return ok
}

// Peek returns the shape of the tensor that the node names for a role, without
// taking it: nil if there is none of that rank.
func (a *Attrs) Peek(role string, rank int) Shape {
	t := a.model.Tensor(a.node.Tensors[role])
	if t == nil || len(t.Shape) != rank {
		return nil
	}
	return t.Shape
}

// Planes returns s, which must be [C H W].
func (a *Attrs) Planes(s Shape) (c, h, w int) {
	if len(s) != 3 {
		a.Failf("input: got shape %v, want [C H W]", s)
		return 1, 1, 1
	}
	return s[0], s[1], s[2]
}

// Vector returns the length of s, which must be [N].
func (a *Attrs) Vector(s Shape) int {
	if len(s) != 1 {
		a.Failf("input: got shape %v, want a vector", s)
		return 1
	}
	return s[0]
}
