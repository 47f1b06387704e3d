package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

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

// parameter is a number: its role in a model, its name in ONNX, and its value where the
// attribute is left out.
type parameter struct {
	role, name string
	def        float64
}

func parametric(op, name string, zero bool, s sign, list ...parameter) operator {
	return operator{
		op: op, inputs: 1,
		reads: map[string]reader{name: func(im *importer) {
			numbers := map[string]float64{}
			for _, p := range list {
				numbers[p.role] = im.attrFloat(p.name, p.def)
			}
			im.function(op, zero, nil, numbers)
		}},
		sign: s,
		write: func(e *exporter, n *weights.Node, s []int) ([][]int, error) {
			var attrs [][]byte
			for _, p := range list {
				v, err := e.number(n, p.role)
				if err != nil {
					return nil, err
				}
				attrs = append(attrs, proto.FloatAttr(p.name, v))
			}
			e.put(n.Name, name, n.Inputs, n.Outputs, attrs...)
			return [][]int{s}, nil
		},
	}
}

// number is the one number of a tensor of n.
func (e *exporter) number(n *weights.Node, role string) (float32, error) {
	t, err := e.role(n, role, 1)
	if err != nil {
		return 0, err
	}
	return t.Data[0], nil
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
