package onnx

import "github.com/riffle-ml/riffle/weights"

// Activations with parameters, which a model has as tensors of one number, and ONNX as
// attributes.

var opHardSigmoid = parametric(weights.OpHardSigmoid, "HardSigmoid", false, nonNegative, parameter{"alpha", "alpha", 0.2}, parameter{"beta", "beta", 0.5})

var opLeakyReLU = parametric(weights.OpLeakyReLU, "LeakyRelu", true, anySign, parameter{"slope", "alpha", 0.01})

var opELU = operator{
	op: weights.OpELU, inputs: 1,
	reads: map[string]reader{
		"Elu":  parametric(weights.OpELU, "Elu", true, anySign, parameter{"alpha", "alpha", 1}).reads["Elu"],
		"Selu": (*importer).selu,
		"Celu": (*importer).celu,
	},
	write: parametric(weights.OpELU, "Elu", true, anySign, parameter{"alpha", "alpha", 1}).write,
}

// selu is gamma*elu(x).
func (im *importer) selu() {
	alpha, gamma := im.attrFloat("alpha", 1.67326319217681884765625), im.attrFloat("gamma", 1.05070102214813232421875)
	p := im.pointwise(0, true)
	y := im.functionOf(weights.OpELU, im.n.Outputs[0]+"/elu", p.x, nil, map[string]float64{"alpha": alpha})
	im.out(p.done(&value{base: im.scaled(y.base, gamma, 0), dims: y.dims}))
}

// celu is max(x, 0) + min(alpha*(exp(x/alpha)-1), 0), which is alpha*elu(x/alpha).
func (im *importer) celu() {
	alpha := im.attrFloat("alpha", 1)
	if !(alpha > 0) || !finite(alpha) {
		im.failf(ErrUnsupported, "alpha: got %v, want a positive number", alpha)
	}
	p := im.pointwise(0, true)
	y := im.functionOf(weights.OpELU, im.n.Outputs[0]+"/elu", im.scaled(p.x, 1/alpha, 0), nil, map[string]float64{"alpha": 1})
	im.out(p.done(&value{base: im.scaled(y.base, alpha, 0), dims: y.dims}))
}
