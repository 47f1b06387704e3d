package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// Views: what operators make that move elements without changing them. settle turns
// what is left of a chain of them into nodes.

// view returns a view of v's base; index in runs of run elements.
func (im *importer) view(v *value, dims []int, index []int32, run int) *value {
	out := im.reshaped(v, dims)
	out.index, out.run = index, run
	if v.base != "" && out.elems() == im.size(v.base) && out.straight() {
		out.index = nil
	}
	return out
}

// reshaped is v in another shape, its elements where they were. It does not look at the
// index, so that a chain of reshapes costs no more than its nodes.
func (im *importer) reshaped(v *value, dims []int) *value {
	v = im.unpadded(v)
	if len(dims) > proto.MaxRank {
		im.failf(ErrUnsupported, "output: got %d dimensions, want at most %d", len(dims), proto.MaxRank)
	}
	return &value{base: v.base, dims: dims, index: v.index, run: v.run, by: im.label()}
}

// unpadded is v, with the padding around it as a node.
func (im *importer) unpadded(v *value) *value {
	if !v.padded() {
		return v
	}
	x := im.settle(v, im.n.Inputs[0])
	return &value{base: x, dims: append([]int{1}, im.shapes[x]...), lead: v.lead, by: v.by}
}

// regrouped is v in another shape, which is given with the batch. Samples must stay one
// behind the other, for a model has one sample only.
func (im *importer) regrouped(v *value, whole []int) *value {
	dims, lead := slices.Clone(whole), 0
	if b := im.samples(v); b > 1 {
		before, _ := product(v.dims[:v.lead])
		for n := 1; lead < len(dims) && (n != before || dims[lead]%b != 0); lead++ {
			n *= dims[lead]
		}
		if lead == len(dims) {
			im.failf(ErrUnsupported, "shape: got %v of %v, want one that keeps the batch of %d samples apart", whole, im.whole(v), b)
		}
		dims[lead] /= b
	}
	out := im.reshaped(v, dims)
	out.lead = lead
	return out
}

// sampleAxis fails if a fixed batch lies along v's axis: samples stay apart.
func (im *importer) sampleAxis(v *value, axis int) {
	if b := im.samples(v); b > 1 && axis == v.lead {
		im.failf(ErrUnsupported, "axis: got %d, the batch of %d, want another", axis, b)
	}
}

// pick keeps the given entries of one dimension, in their order; drop removes
// the dimension of one that is left.
func (im *importer) pick(v *value, axis int, keep []int, drop bool) *value {
	v = im.unpadded(v)
	im.sampleAxis(v, axis)
	before, _ := product(v.dims[:axis])
	after, _ := product(v.dims[axis+1:])
	dims := slices.Clone(v.dims)
	dims[axis] = len(keep)
	if n, ok := product(dims); !ok || n == 0 && v.base != "" {
		im.failf(ErrUnsupported, "got %d entries of dimension %d of %v, want 1 to %d elements", len(keep), axis, v.dims, maxSize)
	}
	run := gcd(v.whole(), after)
	from, per := im.runs(v, run), after/run
	im.spend(before * len(keep) * per)
	index := make([]int32, 0, before*len(keep)*per)
	for b := range before {
		for _, k := range keep {
			index = append(index, from[(b*v.dims[axis]+k)*per:][:per]...)
		}
	}
	out := im.view(v, dims, index, run)
	out.lead = v.lead
	if drop {
		out.dims = slices.Delete(dims, axis, axis+1)
		if axis < out.lead || out.lead == len(out.dims) && out.lead > 0 {
			out.lead--
		}
	}
	return out
}

func (im *importer) identity() {
	v := *im.act(0)
	im.out(&v)
}
