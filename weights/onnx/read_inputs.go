package onnx

import (
	"errors"
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// define makes an ONNX name stand for v.
func (im *importer) define(name string, v *value) {
	if name == "" || im.values[name] != nil {
		im.failf(ErrInvalid, "got name %q for a value, want one that is not empty and not in use", name)
	}
	im.values[name] = v
}

// out defines the node's first output.
func (im *importer) out(v *value) { im.define(im.n.Outputs[0], v) }

// second says whether something reads an output of the node at work behind the first.
func (im *importer) second() bool {
	return slices.ContainsFunc(im.n.Outputs[1:], func(o string) bool { return o != "" && im.need[o] })
}

// input i as it is, whatever it stands for; nil where it is left out.
func (im *importer) in(i int) *value {
	if i >= len(im.n.Inputs) || im.n.Inputs[i] == "" {
		return nil
	}
	v := im.values[im.n.Inputs[i]]
	if v == nil {
		im.failf(ErrInvalid, "input %q: got no such value, want one that is defined before", im.n.Inputs[i])
	}
	return v
}

// act returns activation input i.
func (im *importer) act(i int) *value {
	v := im.in(i)
	if v != nil && v.mean != nil {
		v = im.settledMean(im.n.Inputs[i])
	}
	switch {
	case v == nil:
		im.failf(ErrInvalid, "got %d inputs, want an activation as number %d", len(im.n.Inputs), i+1)
	case v.c != nil:
		im.failf(ErrUnsupported, "input %q: got a constant, want an activation", im.n.Inputs[i])
	case proto.IsInteger(v.typ):
		im.failf(ErrUnsupported, "input %q: got an activation of %s, want floats: a Cast of it", im.n.Inputs[i], proto.TypeName(v.typ))
	case v.seq != nil:
		im.failf(ErrUnsupported, "input %q: got a sequence, want an activation", im.n.Inputs[i])
	}
	return v
}

// partial is activation input i, which may be a partial mean.
func (im *importer) partial(i int) *value {
	if v := im.in(i); v != nil && v.mean != nil {
		return v
	}
	return im.act(i)
}

// settledMean makes a name that stands for a partial mean stand for what computes it.
func (im *importer) settledMean(name string) *value {
	v := im.values[name].mean.settle()
	im.values[name] = v
	return v
}

// activation is the first input that is none of the constants.
func (im *importer) activation() int {
	for i := range im.n.Inputs {
		if v := im.in(i); v != nil && v.c == nil {
			return i
		}
	}
	return 0
}

// constant returns constant input i; nil where it is left out and may be.
func (im *importer) constant(i int, need bool) *tensor {
	v := im.in(i)
	if v == nil {
		if need {
			im.failf(ErrInvalid, "got %d inputs, want a constant as number %d", len(im.n.Inputs), i+1)
		}
		return nil
	}
	if v.c == nil {
		im.failf(ErrUnsupported, "input %q: got an activation, want a constant", im.n.Inputs[i])
	}
	return v.c
}

// floatConstant is constant with float32 elements.
func (im *importer) floatConstant(i int, need bool) *tensor {
	t := im.constant(i, need)
	if t != nil && t.isInt() {
		im.failf(ErrUnsupported, "input %q: got integers, want float32", im.n.Inputs[i])
	}
	return t
}

// scalar is a constant with one float.
func (im *importer) scalar(t *tensor) float64 {
	if t.isInt() || len(t.f) != 1 {
		im.failf(ErrUnsupported, "limit: got %d values of shape %v, want one float", t.len(), t.dims)
	}
	return float64(t.f[0])
}

// listOf returns integers that are attribute name in some opsets and input i in
// others; nil where the node has neither.
func (im *importer) listOf(name string, i int) []int64 {
	if a := im.attr(name, proto.AttrIntegers); a != nil {
		return a.Ints
	}
	t := im.constant(i, false)
	if t == nil {
		return nil
	}
	if !t.isInt() {
		im.failf(ErrInvalid, "%s: got floats, want integers", name)
	}
	return t.i
}

// axes reads the axes of the node at work, of a value of a rank.
func (im *importer) axes(rank int) (at map[int]bool) {
	axes := im.listOf("axes", 1)
	if len(axes) > proto.MaxRank {
		im.failf(ErrUnsupported, "axes: got %d, want at most %d", len(axes), proto.MaxRank)
	}
	at = map[int]bool{}
	for _, a := range axes {
		at[im.axisOf(a, rank)] = true
	}
	if len(at) != len(axes) {
		im.failf(ErrInvalid, "axes: got %v, want different ones", axes)
	}
	return at
}

// entry is index k of n, counted from the end where negative.
func (im *importer) entry(k int64, n int) int {
	if k < -int64(n) || k >= int64(n) {
		im.failf(ErrInvalid, "indices: got %d, want %d to %d", k, -n, n-1)
	}
	return int((k + int64(n)) % int64(n))
}

// decode decodes a tensor of the file.
func (im *importer) decode(p *proto.Tensor) *tensor {
	dims, n := im.checked(p)
	im.spend(n)
	t := &tensor{name: p.Name, typ: p.Type, dims: dims}
	t.f, t.i = p.Decode(n)
	return t
}

// checked fails unless a tensor of the file can be decoded, and returns its dimensions
// and the number of its elements.
func (im *importer) checked(p *proto.Tensor) (dims []int, n int) {
	if _, _, external := p.External(); external && im.beside != nil {
		if err := im.beside.load(p); err != nil {
			im.failf(ErrInvalid, "%v", err)
		}
		bytes, _ := p.Bytes()
		im.memory += 2 * bytes // as for those in the file itself
	}
	dims, n, err := p.Check()
	var unsupported *proto.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		im.failf(ErrUnsupported, "%v", err)
	case err != nil:
		im.failf(ErrInvalid, "%v", err)
	}
	return dims, n
}

// initializers defines the constants of a graph, those that something reads.
func (im *importer) initializers(g *proto.Graph) {
	n := im.n
	im.n, im.where = nil, "initializer: "
	for _, t := range g.Initializers {
		if !im.need[t.Name] {
			if _, _, external := t.External(); !external || im.beside == nil {
				im.checked(t)
			}
			continue
		}
		im.define(t.Name, &value{c: im.decode(t)})
	}
	im.n, im.where = n, ""
}
