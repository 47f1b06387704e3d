package onnx

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// Weights may be stored as integers: they become floats here, and remember their steps.
var constQuantize = operator{
	folds: map[string]evaluator{
		"QuantizeLinear":                 (*importer).quantize,
		"DequantizeLinear":               (*importer).dequantize,
		"com.microsoft.QuantizeLinear":   (*importer).quantize,
		"com.microsoft.DequantizeLinear": (*importer).dequantize,
	},
}

// scales says where in the lists of scales and zero points element k of x finds its own:
// there is one for all, one for each entry of an axis, or one for each block of entries.
func (im *importer) scales(x, scale, zero *tensor) func(k int) int {
	if scale.isInt() || scale.len() == 0 {
		im.failf(ErrInvalid, "scale: got integers or none, want floats")
	}
	for i, s := range scale.f {
		if !(s > 0) || math.IsInf(float64(s), 0) {
			im.failf(ErrInvalid, "scale: got %v at index %d, want finite numbers above 0", s, i)
		}
	}
	if zero != nil && zero.len() != scale.len() {
		im.failf(ErrInvalid, "zero point: got %d values, want one for each of the %d scales", zero.len(), scale.len())
	}
	if scale.len() == 1 {
		return func(int) int { return 0 }
	}
	axis := im.axis(1, len(x.dims))
	after, _ := product(x.dims[axis+1:])
	n := x.dims[axis]
	if block := im.attrInt("block_size", 0); block > 0 {
		per := (n + int(min(block, maxSize)) - 1) / int(min(block, maxSize))
		before, _ := product(x.dims[:axis])
		if want := before * per * after; scale.len() != want {
			im.failf(ErrInvalid, "scale: got %d values, want %d: one for each block of %d along axis %d", scale.len(), want, block, axis)
		}
		return func(k int) int { return (k/(n*after)*per+k/after%n/int(block))*after + k%after }
	}
	if len(scale.dims) != 1 || scale.len() != n {
		im.failf(ErrInvalid, "scale: got dimensions %v, want one value, or one for each of the %d entries of axis %d", scale.dims, n, axis)
	}
	return func(k int) int { return k / after % n }
}

func (im *importer) dequantize(in []*tensor) *tensor {
	x, scale, zero := im.quantizing(in)
	if !x.isInt() {
		im.failf(ErrInvalid, "input: got floats, want integers")
	}
	at := im.scales(x, scale, zero)
	out := im.like(&tensor{}, x.dims)
	out.name = x.name
	for k, v := range x.i {
		s := at(k)
		if zero != nil {
			v -= zero.i[s]
		}
		out.f[k] = float32(v) * scale.f[s]
	}
	if !slices.ContainsFunc(scale.f, func(s float32) bool { return !usable(s) }) {
		out.steps = scale.f
	}
	return out
}

func (im *importer) quantize(in []*tensor) *tensor {
	x, scale, zero := im.quantizing(in)
	if x.isInt() {
		im.failf(ErrInvalid, "input: got integers, want floats")
	}
	at := im.scales(x, scale, zero)
	typ := im.attrInt("output_dtype", proto.Uint8)
	if zero != nil && zero.typ != 0 {
		typ = zero.typ
	}
	least, most := 0.0, 255.0
	switch typ {
	case proto.Uint8:
	case proto.Int8:
		least, most = -128, 127
	case proto.Uint16:
		most = 65535
	case proto.Int16:
		least, most = -32768, 32767
	default:
		im.failf(ErrUnsupported, "zero point: got %s, want integers of 8 or 16 bits", proto.TypeName(typ))
	}
	out := im.like(&tensor{i: []int64{}}, x.dims)
	out.typ = typ
	for k, v := range x.f {
		s := at(k)
		q := math.RoundToEven(float64(v / scale.f[s]))
		if zero != nil {
			q += float64(zero.i[s])
		}
		out.i[k] = int64(max(least, min(q, most)))
	}
	return out
}

// quantizing returns the inputs of QuantizeLinear and DequantizeLinear.
func (im *importer) quantizing(in []*tensor) (x, scale, zero *tensor) {
	if len(in) < 2 || len(in) > 3 || in[1] == nil {
		im.failf(ErrInvalid, "got %d inputs, want 2 or 3", len(in))
	}
	if len(in) == 3 {
		zero = in[2]
	}
	if zero != nil && !zero.isInt() {
		im.failf(ErrInvalid, "zero point: got floats, want integers")
	}
	return in[0], in[1], zero
}
