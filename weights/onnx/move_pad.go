package onnx

import (
	"math"
	"slices"
)

var movePad = operator{
	reads: map[string]reader{"Pad": (*importer).padding},
}

// padding leaves rows and columns of zeros, or of the lowest number, to the convolution or
// pool that reads them. Any other padding becomes a node.
func (im *importer) padding() {
	v := im.act(0)
	all := im.pads(v)
	if cut := im.cropped(v, all); cut != v {
		v = cut
	}
	if !slices.ContainsFunc(all, func(k int) bool { return k != 0 }) {
		same := *v
		im.out(&same)
		return
	}
	mode := slices.Index(padModes, im.attrText("mode", "constant"))
	if mode < 0 {
		im.failf(ErrUnsupported, "mode: got %q, want constant, reflect or edge", im.attrText("mode", ""))
	}
	fill := im.attrFloat("value", 0)
	if t := im.constant(2, false); t != nil && mode == 0 {
		fill = im.scalar(t)
	}
	low := fill <= -math.MaxFloat32
	if len(v.dims) != 4 || v.lead != 0 || all[0]|all[4] != 0 || v.dims[0] != 1 {
		im.out(im.padAxes(v, all, mode, min(max(fill, -math.MaxFloat32), math.MaxFloat32)))
		return
	}
	rows := [4]int{all[2], all[3], all[6], all[7]}
	wait := mode == 0 && (low || fill == 0) && all[1]|all[5] == 0 && (!v.padded() || v.low == low)
	if !wait {
		x := im.settle(v, im.n.Inputs[0])
		im.out(im.padNode(im.n.Label(), im.n.Outputs[0], x, rows, [2]int{all[1], all[5]}, mode, min(max(fill, -math.MaxFloat32), math.MaxFloat32)))
		return
	}
	out := *v
	out.low, out.dims = low, slices.Clone(v.dims)
	for i, k := range rows {
		if k+v.pad[i] > maxAttr {
			im.failf(ErrUnsupported, "pads: got %v, want at most %d", all, maxAttr)
		}
		out.pad[i] += k
		out.dims[2+i%2] += k
	}
	im.out(&out)
}

// padAxes pads one or two dimensions of any view: they become the rows and columns of planes.
func (im *importer) padAxes(v *value, all []int, mode int, fill float64) *value {
	v = im.unpadded(v)
	rank := len(v.dims)
	var perm, axes []int
	for d := range rank {
		if all[d]|all[rank+d] != 0 {
			axes = append(axes, d)
			im.sampleAxis(v, d)
		} else {
			perm = append(perm, d)
		}
	}
	if len(axes) > 2 || v.lead != 0 || slices.Contains(axes, 0) && (!im.single || v.dims[0] == 1) {
		im.failf(ErrUnsupported, "pads: got %v of shape %v, want channels, height and width of [N C H W], or one or two dimensions alone", all, im.whole(v))
	}
	perm = append(perm, axes...)
	sizes, back := make([]int, rank), make([]int, rank)
	for i, p := range perm {
		sizes[i], back[p] = v.dims[p], i
	}
	t := v
	if !slices.IsSorted(perm) {
		t = im.transposed(v, perm, sizes)
	}
	rows, pad := 1, [4]int{0, all[axes[len(axes)-1]], 0, all[rank+axes[len(axes)-1]]}
	if len(axes) == 2 {
		rows, pad[0], pad[2] = v.dims[axes[0]], all[axes[0]], all[rank+axes[0]]
	}
	columns := v.dims[axes[len(axes)-1]]
	x := im.settle(im.reshaped(t, []int{1, v.elems() / (rows * columns), rows, columns}), im.n.Inputs[0]+"/planes")
	y := im.padNode(im.n.Label(), im.n.Outputs[0]+"/padded", x, pad, [2]int{}, mode, fill)
	dims := slices.Clone(v.dims)
	for _, d := range axes {
		dims[d] += all[d] + all[rank+d]
	}
	for i, p := range perm {
		sizes[i] = dims[p]
	}
	y = im.reshaped(y, sizes)
	if !slices.IsSorted(perm) {
		y = im.transposed(y, back, dims)
	}
	return y
}

// pads reads the numbers of a Pad node: for each dimension of v those in front, then for
// each those behind.
func (im *importer) pads(v *value) []int {
	rank := len(v.dims)
	name := "pads"
	if im.opset < 2 {
		name = "paddings"
	}
	p, axes := im.listOf(name, 1), im.constant(3, false)
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
		im.failf(ErrInvalid, "pads: got %d numbers for shape %v, want two a dimension", len(p), im.whole(v))
	}
	out := make([]int, len(all))
	for i, k := range all {
		if k < -maxSize || k > maxSize {
			im.failf(ErrUnsupported, "pads: got %v, want numbers within %d", all, maxSize)
		}
		out[i] = int(k)
	}
	return out
}

// cropped is v without what negative padding cuts off. Those numbers become 0.
func (im *importer) cropped(v *value, all []int) *value {
	rank := len(v.dims)
	for d := range rank {
		from, to := max(0, -all[d]), v.dims[d]-max(0, -all[rank+d])
		all[d], all[rank+d] = max(0, all[d]), max(0, all[rank+d])
		if from == 0 && to == v.dims[d] {
			continue
		}
		if from >= to {
			im.failf(ErrInvalid, "pads: got %d and %d less than none of %d entries, want some left", from, v.dims[d]-to, v.dims[d])
		}
		keep := make([]int, 0, to-from)
		for k := from; k < to; k++ {
			keep = append(keep, k)
		}
		v = im.pick(v, d, keep, false)
	}
	return v
}
