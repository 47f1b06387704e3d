package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opConv = operator{
	op: weights.OpConv, inputs: 1,
	reads:  map[string]reader{"Conv": lines((*importer).conv)},
	absorb: absorbAffine,
	finish: foldAffine,
	write:  (*exporter).conv,
}

func (im *importer) conv() {
	w := im.floatConstant(1, true)
	if len(w.dims) != 4 || len(w.f) == 0 {
		im.failf(ErrUnsupported, "weight: got dimensions %v, want [O C/g kh kw]: two dimensions of pixels", w.dims)
	}
	x, s, pad, low := im.takePad(0)
	if low { // nothing that a network would do
		x, s = im.any(0)
		pad = [4]int{}
	}
	g := im.attrCount("group", 1)
	if int64(w.dims[1])*int64(g) != int64(s[0]) || w.dims[0]%g != 0 {
		im.failf(ErrInvalid, "weight: got dimensions %v in %d groups, want [O C/g kh kw] for %d input channels", w.dims, g, s[0])
	}
	k := im.attrInts("kernel_shape", 2, 1, w.dims[2:]...)
	if !slices.Equal(k, w.dims[2:]) || max(k[0], k[1]) > maxAttr {
		im.failf(ErrInvalid, "kernel_shape: got %v, want %v as the weight has it, at most %d", k, w.dims[2:], maxAttr)
	}
	attrs, oh, ow := im.window(k, s, pad, false)
	attrs["groups"] = []int{g}
	tensors := map[string]string{"weight": im.storeCopy("weight", w)}
	if b := im.floatConstant(2, false); b != nil {
		if len(b.f) != w.dims[0] || len(b.dims) != 1 {
			im.failf(ErrInvalid, "bias: got dimensions %v, want [%d]", b.dims, w.dims[0])
		}
		tensors["bias"] = im.storeCopy("bias", b)
	}
	im.emit(weights.OpConv, []string{x}, attrs, tensors, w.dims[0], oh, ow)
}

func (e *exporter) conv(n *weights.Node, s []int) ([][]int, error) {
	k, stride, dil, pad, hw, err := window(n, s)
	if err != nil {
		return nil, err
	}
	g, err := list(n, "groups", 1, 1)
	if err != nil {
		return nil, err
	}
	w, err := e.role(n, "weight", -1, s[0]/g[0], k[0], k[1])
	if err != nil {
		return nil, err
	}
	o := w.Shape[0]
	if s[0]%g[0] != 0 || o%g[0] != 0 {
		return nil, fmt.Errorf("groups: got %d, want a divisor of %d and %d channels", g[0], s[0], o)
	}
	in := []string{n.Inputs[0], e.tensor(w, w.Shape...)}
	if n.Tensors["bias"] != "" {
		b, err := e.role(n, "bias", o)
		if err != nil {
			return nil, err
		}
		in = append(in, e.tensor(b, o))
	}
	e.put(n.Name, "Conv", in, n.Outputs,
		proto.IntsAttr("kernel_shape", k...), proto.IntsAttr("strides", stride...), proto.IntsAttr("dilations", dil...), proto.IntsAttr("pads", pad...), proto.IntAttr("group", g[0]))
	return [][]int{{o, hw[0], hw[1]}}, nil
}
