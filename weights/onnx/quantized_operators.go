package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// QuantizeLinear and DequantizeLinear of an activation. What stands between them and other
// nodes becomes quantized operators when all are read: see quantize8.
var opQuantize = operator{
	op: weights.OpQuantize, inputs: 1,
	reads: map[string]reader{"QuantizeLinear": (*importer).quantizeLinear, "com.microsoft.QuantizeLinear": (*importer).quantizeLinear},
	write: (*exporter).quantize,
}

var opDequantize = operator{
	op: weights.OpDequantize, inputs: 1,
	reads: map[string]reader{"DequantizeLinear": (*importer).dequantizeLinear, "com.microsoft.DequantizeLinear": (*importer).dequantizeLinear},
	write: (*exporter).dequantize,
}

// The operators between them have no node of their own in ONNX: see quantized_codes.go.
var (
	opQConv    = operator{op: weights.OpQConv, write: (*exporter).qconv}
	opQLinear  = operator{op: weights.OpQLinear, inputs: 1, write: (*exporter).qlinear}
	opQAdd     = operator{op: weights.OpQAdd, inputs: 2, write: (*exporter).qadd}
	opQMul     = operator{op: weights.OpQMul, inputs: 2, write: (*exporter).qmul}
	opQAvgPool = operator{op: weights.OpQAvgPool, inputs: 1, write: (*exporter).qavgPool}
	opQLookup  = operator{op: weights.OpQLookup, inputs: 1, write: (*exporter).qlookup}

	opQStaticDynamicShuffle = operator{op: weights.OpQStaticDynamicShuffle, inputs: 1, write: (*exporter).qstaticDynamicShuffle}
)

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

func (im *importer) quantizeLinear() {
	p := im.pointwise(0, true)
	q, signed := im.activationQuant()
	v := im.add(weights.OpQuantize, im.n.Label(), im.n.Outputs[0], []string{p.x}, nil, nil, p.s...)
	im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1].Quant = []weights.Quant{q}
	im.quants[v.base], im.signed[v.base] = q, signed
	im.out(p.done(v))
}

func (im *importer) dequantizeLinear() {
	im.fromTable()
	if v := im.act(0); v.padded() {
		im.failf(ErrUnsupported, "input: got padding around quantized elements, want it in front of the QuantizeLinear")
	}
	p := im.pointwise(0, true)
	if q, _ := im.activationQuant(); q != im.quants[p.x] {
		want := im.quants[p.x]
		im.failf(ErrUnsupported, "scale and zero point: got %v and %d, want %v and %d of the QuantizeLinear before it", q.Scale, q.Zero, want.Scale, want.Zero)
	}
	im.out(p.done(im.add(weights.OpDequantize, im.n.Label(), im.n.Outputs[0], []string{p.x}, nil, nil, p.s...)))
}
