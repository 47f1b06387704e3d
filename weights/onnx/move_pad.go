package onnx

import (
	"math"
	"slices"
)

var movePad = operator{
	reads: map[string]reader{"Pad": (*importer).padding},
}

// padding leaves a Pad node to the convolution or pool that reads it.
func (im *importer) padding() {
	v := *im.act(0)
	rank := len(v.dims)
	name := "pads"
	if im.opset < 2 {
		name = "paddings"
	}
	p, axes := im.listOf(name, 1), im.constant(3, false)
	if mode := im.attrText("mode", "constant"); mode != "constant" {
		im.failf(ErrUnsupported, "mode: got %q, want constant", mode)
	}
	low := false
	fill := im.attrFloat("value", 0)
	if t := im.constant(2, false); t != nil {
		fill = im.scalar(t)
	}
	if low = fill <= -math.MaxFloat32; !low && fill != 0 {
		im.failf(ErrUnsupported, "value: got %v, want 0 (or none less, in front of a maximum)", fill)
	}
	all := make([]int64, 2*rank)
	switch {
	case axes == nil && len(p) == 2*rank:
		all = p
	case axes != nil && len(axes.dims) == 1 && axes.isInt() && len(p) == 2*len(axes.i):
		for i, a := range axes.i {
			at := im.axisOf(a, rank)
			all[at], all[rank+at] = p[i], p[len(axes.i)+i]
		}
	default:
		im.failf(ErrInvalid, "pads: got %d numbers for shape %v, want two a dimension", len(p), v.dims)
	}
	if !slices.ContainsFunc(all, func(k int64) bool { return k != 0 }) {
		im.out(&v)
		return
	}
	if rank != 4 || all[0]|all[1]|all[4]|all[5] != 0 {
		im.failf(ErrUnsupported, "pads: got %v of shape %v, want height and width of [N C H W] alone", all, v.dims)
	}
	if v.padded() && v.low != low {
		im.failf(ErrUnsupported, "value: got two Pad nodes, of zeros and of the lowest number, want one kind")
	}
	v.low, v.dims = low, slices.Clone(v.dims)
	for i, k := range []int{2, 3, 6, 7} {
		if all[k] < 0 || all[k]+int64(v.pad[i]) > maxAttr {
			im.failf(ErrUnsupported, "pads: got %v, want 0 to %d", all, maxAttr)
		}
		v.pad[i] += int(all[k])
		v.dims[2+i%2] += int(all[k])
	}
	im.out(&v)
}
