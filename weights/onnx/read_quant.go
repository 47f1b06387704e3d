package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// moves are the operators that take quantized values too, and keep their elements.
var moves = []string{
	weights.OpConcat, weights.OpSplit, weights.OpSlice, weights.OpShuffle, weights.OpMaxPool, weights.OpFlatten, weights.OpDynamicShuffle,
}

// keepsQuant is the scale and zero point of what moves quantized elements that have one, or
// chooses among them.
func (im *importer) keepsQuant(op string, in []string) (weights.Quant, bool) {
	if len(im.quants) == 0 || !slices.Contains(moves, op) {
		return weights.Quant{}, false
	}
	q, ok := im.quants[in[0]]
	for _, x := range in {
		other, quantized := im.quants[x]
		ok = ok && quantized && other == q
	}
	return q, ok
}

// activationQuant reads the scale and the zero point of a node at work, of an activation.
// Signed integers are shifted to unsigned ones: they mean the same.
func (im *importer) activationQuant() (q weights.Quant, signed bool) {
	scale := im.floatConstant(1, true)
	if scale.len() != 1 {
		im.failf(ErrUnsupported, "scale: got %d values for an activation, want one", scale.len())
	}
	q.Scale = scale.f[0]
	if !usable(q.Scale) {
		im.failf(ErrInvalid, "scale: got %v, want %g to %g", q.Scale, weights.MinScale, weights.MaxScale)
	}
	zero, typ := im.constant(2, false), im.attrInt("output_dtype", proto.Uint8)
	if zero != nil {
		if !zero.isInt() || zero.len() != 1 {
			im.failf(ErrInvalid, "zero point: got %d values, want one integer", zero.len())
		}
		q.Zero, typ = int(zero.i[0]), zero.typ
	}
	switch typ {
	case proto.Uint8, 0:
	case proto.Int8:
		q.Zero += 128
	default:
		im.failf(ErrUnsupported, "zero point: got %s for an activation, want uint8 or int8", proto.TypeName(typ))
	}
	if q.Zero < 0 || q.Zero > 255 {
		im.failf(ErrInvalid, "zero point: got %d, want one of its type", q.Zero)
	}
	return q, typ == proto.Int8
}

// usable says whether a model may have a scale. A NaN it may not.
func usable(scale float32) bool { return scale >= weights.MinScale && scale <= weights.MaxScale }
