package onnx

import "slices"

var constTile = operator{folds: map[string]evaluator{
	"Tile":  (*importer).tile,
	"Split": (*importer).splitConstant,
}}

// tile repeats a constant along every dimension.
func (im *importer) tile(in []*tensor) *tensor {
	x := in[0]
	if len(in) != 2 || in[1] == nil || !in[1].isInt() || len(in[1].i) != len(x.dims) {
		im.failf(ErrInvalid, "repeats: got none that fit shape %v, want a number for each dimension", x.dims)
	}
	dims := slices.Clone(x.dims)
	for d, r := range in[1].i {
		if r < 0 || r > maxSize || dims[d] > 0 && r > maxSize/int64(dims[d]) {
			im.failf(ErrUnsupported, "repeats: got %v, want numbers from 0 on and at most %d elements", in[1].i, maxSize)
		}
		dims[d] *= int(r)
	}
	out := im.like(x, dims)
	out.typ = x.typ
	at := make([]int, len(dims))
	for k := range out.len() {
		from := 0
		for d := range dims {
			from = from*x.dims[d] + at[d]%x.dims[d]
		}
		out.set(k, x, from)
		for d := len(dims) - 1; d >= 0; d-- {
			if at[d]++; at[d] < dims[d] {
				break
			}
			at[d] = 0
		}
	}
	return out
}

// splitConstant is Split of a constant. It returns the first part, and defines the others.
func (im *importer) splitConstant(in []*tensor) *tensor {
	x := in[0]
	axis := im.axis(0, len(x.dims))
	var first *tensor
	at := 0
	for i, n := range im.parts(&value{dims: x.dims}, axis, len(im.n.Outputs)) {
		part := im.section(x, axis, at, n)
		at += n
		switch {
		case i == 0:
			first = part
		case im.n.Outputs[i] != "":
			im.define(im.n.Outputs[i], &value{c: part})
		}
	}
	return first
}

// section is n entries of a constant's axis from one on.
func (im *importer) section(x *tensor, axis, at, n int) *tensor {
	dims := slices.Clone(x.dims)
	dims[axis] = n
	out := im.like(x, dims)
	out.typ = x.typ
	before, _ := product(dims[:axis])
	after, _ := product(dims[axis+1:])
	k := 0
	for b := range before {
		for e := range n * after {
			out.set(k, x, (b*x.dims[axis]+at)*after+e)
			k++
		}
	}
	return out
}
