package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var constConstant = operator{
	reads: map[string]reader{"Constant": func(im *importer) { im.out(&value{c: im.constantNode()}) }},
}

func (im *importer) constantNode() *tensor {
	if a := im.attr("value", proto.AttrTensor); a != nil && a.T != nil {
		return im.decode(a.T)
	}
	if a := im.attr("value_int", proto.AttrInteger); a != nil {
		return &tensor{i: []int64{a.I}}
	}
	if a := im.attr("value_float", proto.AttrFloat); a != nil {
		return &tensor{f: []float32{a.F}}
	}
	if a := im.attr("value_ints", proto.AttrIntegers); a != nil {
		return &tensor{dims: []int{len(a.Ints)}, i: slices.Concat([]int64{}, a.Ints)}
	}
	if a := im.attr("value_floats", proto.AttrFloats); a != nil {
		return &tensor{dims: []int{len(a.Floats)}, f: a.Floats}
	}
	im.failf(ErrUnsupported, "got no value, want a tensor, integers or floats")
	return nil
}
