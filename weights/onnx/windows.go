package onnx

import (
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// images makes a reader of a convolution one that takes several images of one sample too,
// such as the windows that an image was cut into: [B C H W] of a batch of 1 is B*C channels in
// groups, with the same weights for each of the B.
func images(read reader) reader {
	return func(im *importer) {
		v := im.in(0)
		if v == nil || v.c != nil || v.seq != nil || v.unknown || len(v.dims) != 4 || v.dims[0] == 1 || !im.single {
			read(im)
			return
		}
		im.eachImage(read)
	}
}

// maxImages bounds how often weights are repeated.
const maxImages = 64

func (im *importer) eachImage(read reader) {
	v, n := im.unpadded(im.act(0)), im.n
	d := v.dims
	b := d[0]
	if b > maxImages {
		im.failf(ErrUnsupported, "input: got %d images of one sample, want at most %d", b, maxImages)
	}
	const mark = "\x00images" // no name of a file
	all := *n
	all.Inputs, all.Outputs, all.Attrs = slices.Clone(n.Inputs), slices.Clone(n.Outputs), maps.Clone(n.Attrs)
	if all.Attrs == nil {
		all.Attrs = map[string]*proto.Attr{}
	}
	defer func() {
		im.n = n
		for i := range all.Inputs {
			delete(im.values, n.Inputs[i]+mark)
		}
		delete(im.values, n.Outputs[0]+mark)
	}()
	for i := range all.Inputs {
		if n.Inputs[i] == "" {
			continue
		}
		all.Inputs[i] += mark
		if i == 0 {
			im.values[all.Inputs[0]] = im.reshaped(v, []int{1, b * d[1], d[2], d[3]})
			continue
		}
		t := im.floatConstant(i, true)
		im.spend(b * len(t.f))
		dims := slices.Clone(t.dims)
		if len(dims) > 0 {
			dims[0] *= b
		}
		im.values[all.Inputs[i]] = &value{c: &tensor{name: t.name, typ: t.typ, dims: dims, f: slices.Repeat(t.f, b)}}
	}
	all.Attrs["group"] = &proto.Attr{Type: proto.AttrInteger, I: int64(b) * im.attrInt("group", 1)}
	all.Outputs[0] += mark
	im.n = &all
	read(im)
	y := im.values[all.Outputs[0]]
	im.n = n
	im.define(n.Outputs[0], im.reshaped(y, []int{b, y.dims[1] / b, y.dims[2], y.dims[3]}))
}
