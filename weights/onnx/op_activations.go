package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// Activations without parameters, and GELU.

var opSigmoid = activation(weights.OpSigmoid, "Sigmoid", false, nonNegative)

var opTanh = activation(weights.OpTanh, "Tanh", true, anySign)

var opSiLU = operator{
	op: weights.OpSiLU, inputs: 1,
	reads: map[string]reader{"Swish": (*importer).swish},
	write: (*exporter).silu,
}

var opHardSwish = operator{
	op: weights.OpHardSwish, inputs: 1,
	reads: map[string]reader{"HardSwish": func(im *importer) { im.same(weights.OpHardSwish) }},
	write: (*exporter).hardSwish,
}

var opMish = operator{
	op: weights.OpMish, inputs: 1,
	reads: map[string]reader{"Mish": func(im *importer) { im.same(weights.OpMish) }},
	write: (*exporter).mish,
}

var opGELU = operator{
	op: weights.OpGELU, inputs: 1,
	reads: map[string]reader{"Gelu": (*importer).gelu},
	write: (*exporter).gelu,
}

// swish is x*sigmoid(alpha*x).
func (im *importer) swish() {
	alpha := im.attrFloat("alpha", 1)
	if alpha == 1 {
		im.same(weights.OpSiLU)
		return
	}
	if alpha == 0 || !finite(alpha) {
		im.failf(ErrUnsupported, "alpha: got %v, want a number that is not 0", alpha)
	}
	// x*sigmoid(alpha*x) is silu(alpha*x)/alpha.
	p := im.pointwise(0, true)
	x := im.scaled(p.x, alpha, 0)
	y := im.functionOf(weights.OpSiLU, im.n.Outputs[0]+"/silu", x, nil, nil)
	im.out(p.done(&value{base: im.scaled(y.base, 1/alpha, 0), dims: y.dims}))
}

func (im *importer) gelu() {
	var attrs map[string][]int
	switch a := im.attrText("approximate", "none"); a {
	case "none":
	case "tanh":
		attrs = map[string][]int{"tanh": {1}}
	default:
		im.failf(ErrUnsupported, "approximate: got %q, want none or tanh", a)
	}
	im.function(weights.OpGELU, true, attrs, nil)
}

func (e *exporter) silu(n *weights.Node, s []int) ([][]int, error) {
	gate := e.fresh(n.Outputs[0] + "/sigmoid")
	e.put(n.Name+"/sigmoid", "Sigmoid", n.Inputs, []string{gate})
	e.put(n.Name, "Mul", []string{n.Inputs[0], gate}, n.Outputs)
	return [][]int{s}, nil
}

// hardSwish writes what opset 14 has as HardSwish.
func (e *exporter) hardSwish(n *weights.Node, s []int) ([][]int, error) {
	gate := e.fresh(n.Outputs[0] + "/gate")
	e.put(n.Name+"/gate", "HardSigmoid", n.Inputs, []string{gate}, proto.FloatAttr("alpha", 1.0/6), proto.FloatAttr("beta", 0.5))
	e.put(n.Name, "Mul", []string{n.Inputs[0], gate}, n.Outputs)
	return [][]int{s}, nil
}

// mish writes what opset 18 has as Mish.
func (e *exporter) mish(n *weights.Node, s []int) ([][]int, error) {
	soft, gate := e.fresh(n.Outputs[0]+"/softplus"), e.fresh(n.Outputs[0]+"/tanh")
	e.put(n.Name+"/softplus", "Softplus", n.Inputs, []string{soft})
	e.put(n.Name+"/tanh", "Tanh", []string{soft}, []string{gate})
	e.put(n.Name, "Mul", []string{n.Inputs[0], gate}, n.Outputs)
	return [][]int{s}, nil
}

// gelu writes what opset 20 has as Gelu.
func (e *exporter) gelu(n *weights.Node, s []int) ([][]int, error) {
	x, part := n.Inputs[0], func(role, op string, in ...string) string {
		out := e.fresh(n.Outputs[0] + "/" + role)
		e.put(n.Name+"/"+role, op, in, []string{out})
		return out
	}
	half := part("half", "Mul", x, e.initScalar(0.5))
	var gate string
	if n.Attr("tanh", 0)[0] == 1 {
		cube := part("cube", "Mul", part("square", "Mul", x, x), x)
		inner := part("inner", "Add", x, part("scaled", "Mul", cube, e.initScalar(0.044715)))
		gate = part("tanh", "Tanh", part("argument", "Mul", inner, e.initScalar(0.7978845608)))
	} else {
		gate = part("erf", "Erf", part("argument", "Mul", x, e.initScalar(0.70710678118)))
	}
	e.put(n.Name, "Mul", []string{half, part("gate", "Add", gate, e.initScalar(1))}, n.Outputs)
	return [][]int{s}, nil
}
