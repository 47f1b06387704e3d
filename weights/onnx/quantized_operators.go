package onnx

import "github.com/riffle-ml/riffle/weights"

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
