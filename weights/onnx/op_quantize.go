package onnx

import "github.com/riffle-ml/riffle/weights"

// The operators on values of 8 bits: see write_quantized.go for how they are written.
var (
	opQuantize   = operator{op: weights.OpQuantize, inputs: 1, write: (*exporter).quantize}
	opDequantize = operator{op: weights.OpDequantize, inputs: 1, write: (*exporter).dequantize}
	opQConv      = operator{op: weights.OpQConv, write: (*exporter).qconv}
	opQLinear    = operator{op: weights.OpQLinear, inputs: 1, write: (*exporter).qlinear}
	opQAdd       = operator{op: weights.OpQAdd, inputs: 2, write: (*exporter).qadd}
	opQMul       = operator{op: weights.OpQMul, inputs: 2, write: (*exporter).qmul}
	opQAvgPool   = operator{op: weights.OpQAvgPool, inputs: 1, write: (*exporter).qavgPool}
	opQLookup    = operator{op: weights.OpQLookup, inputs: 1}

	opQStaticDynamicShuffle = operator{op: weights.OpQStaticDynamicShuffle, inputs: 1, write: (*exporter).qstaticDynamicShuffle}
)

func init() { opQLookup.write = (*exporter).qlookup } // which reads the list itself
