package onnx

import "slices"

// pair finds where two activations are combined element by element, of which the second
// is input j of the node at work: as they lie, if they are the same view of equal shapes;
// as model values, if they are that but for the order of channels; with the channels in
// front, if they have them last. look makes of the result what it is to look like; it is nil
// where they are nothing of these.
func (im *importer) pair(a, b *value, j int) (x, y string, look func(*value) *value) {
	plain := func(v *value) *value { return v }
	if im.alike(a, b) && !im.settles(a) {
		p := spot{a.base, im.shapes[a.base], a}
		return a.base, b.base, p.done
	}
	if im.settles(a) && im.settles(b) && len(a.dims) == len(b.dims) {
		x := im.settle(a, im.n.Inputs[0])
		y := im.settle(b, im.n.Inputs[j])
		return x, y, plain
	}
	if ca, cb := im.channelsFirst(a), im.channelsFirst(b); ca != nil && cb != nil {
		x, y := im.settle(ca, im.n.Inputs[0]), im.settle(cb, im.n.Inputs[j])
		return x, y, func(v *value) *value {
			d := v.dims
			return im.transposed(v, []int{0, 2, 3, 1}, []int{d[0], d[2], d[3], d[1]})
		}
	}
	return "", "", nil
}

// alike says whether two activations are the same view of equal shapes.
func (im *importer) alike(a, b *value) bool {
	return !a.padded() && !b.padded() && a.lead == b.lead && a.run == b.run && slices.Equal(a.dims, b.dims) &&
		slices.Equal(a.index, b.index) && (a.index == nil) == (b.index == nil) && slices.Equal(im.shapes[a.base], im.shapes[b.base])
}

// channelsFirst is v, which has its channels last, with the channels in front; nil if
// that is no model value.
func (im *importer) channelsFirst(v *value) *value {
	if len(v.dims) != 4 || v.lead != 0 || v.padded() {
		return nil
	}
	d := v.dims
	t := im.transposed(v, []int{0, 3, 1, 2}, []int{d[0], d[3], d[1], d[2]})
	if !im.settles(t) {
		return nil
	}
	return t
}
