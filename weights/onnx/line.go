package onnx

import (
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// lines makes a reader of a convolution or a pool of images one that takes rows of pixels
// too: [N C L] is an image of one row.
func lines(read reader) reader {
	return func(im *importer) {
		if v := im.in(0); v == nil || v.c != nil || v.seq != nil || v.unknown || len(v.dims) != 3 {
			read(im)
			return
		}
		im.line(read)
	}
}

func (im *importer) line(read reader) {
	v, n := im.unpadded(im.act(0)), im.n
	const image = "\x00image" // no name of a file
	row := *n
	row.Inputs, row.Outputs, row.Attrs = slices.Clone(n.Inputs), slices.Clone(n.Outputs), maps.Clone(n.Attrs)
	give := func(i int, v *value) {
		row.Inputs[i] += image
		im.values[row.Inputs[i]] = v
	}
	defer func() {
		im.n = n
		for _, name := range slices.Concat(row.Inputs, row.Outputs) {
			if len(name) > len(image) && name[len(name)-len(image):] == image {
				delete(im.values, name)
			}
		}
	}()
	d := v.dims
	flat := im.reshaped(v, []int{d[0], d[1], 1, d[2]})
	flat.lead = v.lead
	give(0, flat)
	if n.Op == "Conv" {
		w := im.floatConstant(1, true)
		if len(w.dims) != 3 {
			im.failf(ErrInvalid, "weight: got dimensions %v, want [O C/g k]", w.dims)
		}
		give(1, &value{c: &tensor{name: w.name, typ: w.typ, dims: []int{w.dims[0], w.dims[1], 1, w.dims[2]}, f: w.f}})
	}
	for name, front := range map[string][]int64{"kernel_shape": {1}, "strides": {1}, "dilations": {1}} {
		if a := im.attr(name, proto.AttrIntegers); a != nil {
			c := *a
			c.Ints = slices.Concat(front, a.Ints)
			row.Attrs[name] = &c
		}
	}
	if a := im.attr("pads", proto.AttrIntegers); a != nil && len(a.Ints) == 2 {
		c := *a
		c.Ints = []int64{0, a.Ints[0], 0, a.Ints[1]}
		row.Attrs["pads"] = &c
	}
	out := n.Outputs[0]
	row.Outputs[0] += image
	im.n = &row
	read(im)
	y := im.values[row.Outputs[0]]
	im.n = n
	line := im.reshaped(y, []int{y.dims[0], y.dims[1], y.dims[3]})
	line.lead = y.lead
	im.define(out, line)
}
