package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// moveExpand repeats an activation along dimensions of 1. Arithmetic does so by itself, and
// reads the narrow value.
var moveExpand = operator{
	reads: map[string]reader{"Expand": (*importer).expandActivation, "Tile": (*importer).tileActivation},
}

func (im *importer) expandActivation() {
	v := im.act(0)
	t := im.constant(1, true)
	if !t.isInt() || len(t.dims) != 1 || len(t.i) > proto.MaxRank {
		im.failf(ErrInvalid, "shape: got dimensions %v, want a list of at most %d integers", t.dims, proto.MaxRank)
	}
	im.widen(v, t.i)
}

// widen defines the output as v, repeated to a shape.
func (im *importer) widen(v *value, shape []int64) {
	whole := im.whole(v)
	if k := len(shape) - len(whole); k > 0 {
		v = im.regrouped(v, slices.Concat(slices.Repeat([]int{1}, k), whole))
		whole = im.whole(v)
	}
	out := v
	pad := len(whole) - len(shape)
	for i, d := range shape {
		axis := i + pad
		if d < 1 || d > maxSize {
			im.failf(ErrUnsupported, "shape: got %v for %v, want positive dimensions", shape, whole)
		}
		if int(d) == whole[axis] || d == 1 {
			continue
		}
		if whole[axis] != 1 {
			im.failf(ErrInvalid, "shape: got %v for %v, want each dimension equal, or 1", shape, whole)
		}
		out = im.pick(out, axis, make([]int, d), false)
	}
	if out == v {
		same := *v
		im.out(&same)
		return
	}
	out.narrow = v
	im.out(out)
}

// tileActivation is Tile along dimensions of 1, or of channels.
func (im *importer) tileActivation() {
	v := im.act(0)
	t := im.constant(1, true)
	if !t.isInt() || len(t.i) != len(v.dims) {
		im.failf(ErrInvalid, "repeats: got %d numbers for shape %v, want one for each dimension", t.len(), im.whole(v))
	}
	for axis, r := range t.i {
		if r == 1 {
			continue
		}
		if r < 1 || r > maxSize/int64(v.dims[axis]) {
			im.failf(ErrUnsupported, "repeats: got %v for shape %v, want 1 or more, and at most %d elements", t.i, im.whole(v), maxSize)
		}
		keep := make([]int, int(r)*v.dims[axis])
		im.spend(len(keep))
		for i := range keep {
			keep[i] = i % v.dims[axis]
		}
		v = im.pick(v, axis, keep, false)
	}
	out := *v
	im.out(&out)
}
