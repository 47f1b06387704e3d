package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opConcat = operator{
	op:    weights.OpConcat, // of any number of inputs
	reads: map[string]reader{"Concat": (*importer).concat},
	sign:  asInputs,
	write: (*exporter).concat,
}

func (im *importer) concat() {
	if len(im.n.Inputs) == 0 {
		im.failf(ErrInvalid, "got no inputs, want one or more")
	}
	im.placeConstants()
	axis := im.axis(1, len(im.act(0).dims))
	im.sampleAxis(im.act(0), axis)
	if len(im.n.Inputs) == 1 {
		im.identity()
		return
	}
	for i := range im.n.Inputs {
		v, w := im.act(i), im.act(0)
		same := len(v.dims) == len(w.dims) && (v.lead == w.lead || im.batch == 1)
		for d := range v.dims {
			same = same && (d == axis || v.dims[d] == w.dims[d])
		}
		if !same {
			im.failf(ErrInvalid, "inputs: got shapes %v and %v, want the same but for dimension %d", w.dims, v.dims, axis)
		}
	}
	if rank := len(im.act(0).dims); axis != 1 || rank == 3 || rank > 4 || !im.allSettle() && im.stacks() {
		if im.stacks() {
			im.stack(axis)
		} else {
			im.joinMoved(axis)
		}
		return
	}
	var in []string
	var out []int
	for i := range im.n.Inputs {
		x, s := im.any(i)
		if in = append(in, x); out == nil {
			out = slices.Clone(s)
		} else {
			out[0] += s[0]
		}
	}
	im.emit(weights.OpConcat, in, nil, nil, out...)
}

// stack joins views along a dimension that is not the channels': the model's
// values are joined along channels, and the result is a view of that. (Two
// tensors stacked and reshaped are a channel shuffle.)
func (im *importer) stack(axis int) {
	var views []*value
	var bases []string
	var shape []int
	dims := slices.Clone(im.act(0).dims)
	after, _ := product(dims[axis+1:])
	dims[axis] = 0
	run := after
	for i := range im.n.Inputs {
		v := im.act(i)
		s := im.shapes[v.base]
		if shape == nil {
			shape = append([]int{0}, s[1:]...)
		}
		shape[0] += s[0]
		dims[axis] += v.dims[axis]
		run = gcd(run, v.whole())
		views, bases = append(views, v), append(bases, v.base)
	}
	if _, ok := product(shape); !ok {
		im.failf(ErrUnsupported, "output: got shape %v, want at most %d elements", dims, maxSize)
	}
	joined := im.add(weights.OpConcat, im.n.Label(), im.n.Outputs[0]+"/concat", bases, nil, nil, shape...)
	n, ok := product(dims)
	if !ok {
		im.failf(ErrUnsupported, "output: got shape %v, want at most %d elements", dims, maxSize)
	}
	im.spend(n / run)
	index := make([]int32, 0, n/run)
	parts := make([][]int32, len(views))
	for i, v := range views {
		parts[i] = im.runs(v, run)
	}
	before, _ := product(dims[:axis])
	for b := range before {
		offset := 0
		for i, v := range views {
			per := v.dims[axis] * after / run
			for _, at := range parts[i][b*per:][:per] {
				index = append(index, at+int32(offset))
			}
			offset += im.size(v.base)
		}
	}
	out := im.view(joined, dims, index, run)
	out.lead = views[0].lead
	im.out(out)
}

// allSettle says whether all inputs are values of a model as they lie, or their channels.
func (im *importer) allSettle() bool {
	for i := range im.n.Inputs {
		if v := im.act(i); !v.padded() && !im.settles(v) {
			return false
		}
	}
	return true
}

// stacks says whether stack can join the inputs: they are views of equal planes.
func (im *importer) stacks() bool {
	first := im.shapes[im.act(0).base]
	for i := range im.n.Inputs {
		v := im.act(i)
		if s := im.shapes[v.base]; v.padded() || len(s) != len(first) || !slices.Equal(s[1:], first[1:]) {
			return false
		}
	}
	return true
}

func (e *exporter) concat(n *weights.Node, s []int) ([][]int, error) {
	c := 0
	for _, in := range n.Inputs {
		t := e.shapes[in]
		if !slices.Equal(t[1:], s[1:]) {
			return nil, fmt.Errorf("inputs: got shapes %v and %v, want the same but for channels", s, t)
		}
		c += t[0]
	}
	e.put(n.Name, "Concat", n.Inputs, n.Outputs, proto.IntAttr("axis", 1))
	return [][]int{channels(s, c)}, nil
}
