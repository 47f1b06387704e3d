package onnx

import "slices"

var constConcat = operator{folds: map[string]evaluator{"Concat": (*importer).joined}}

// joined is Concat of constants; nil where an input is none.
func (im *importer) joined(in []*tensor) *tensor {
	first := in[0]
	axis := im.axis(1, len(first.dims))
	dims := slices.Clone(first.dims)
	dims[axis] = 0
	for _, t := range in {
		if t == nil {
			return nil
		}
		if t.isInt() != first.isInt() || len(t.dims) != len(dims) {
			im.failf(ErrInvalid, "inputs: got constants of different types or dimensions, want the same")
		}
		for d := range dims {
			if d != axis && t.dims[d] != dims[d] {
				im.failf(ErrInvalid, "inputs: got shapes %v and %v, want the same but for dimension %d", first.dims, t.dims, axis)
			}
		}
		dims[axis] += t.dims[axis]
	}
	out := im.like(first, dims)
	out.typ = first.typ
	before, _ := product(dims[:axis])
	after, _ := product(dims[axis+1:])
	at := 0
	for b := range before {
		for _, t := range in {
			n := t.dims[axis] * after
			for k := range n {
				out.set(at, t, b*n+k)
				at++
			}
		}
	}
	return out
}
