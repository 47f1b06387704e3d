package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// qstaticDynamicShuffle writes the float32 operator between encodings, its weights behind
// a DequantizeLinear.
func (e *exporter) qstaticDynamicShuffle(n *weights.Node, s []int) ([][]int, error) {
	return e.between(n, s, 1, func(e *exporter, n *weights.Node, s []int) ([][]int, error) {
		g, err := list(n, "groups", 1, 1)
		if err != nil {
			return nil, err
		}
		l, err := e.qlayer(n, "shift", s[0], s[0]/g[0])
		if err != nil {
			return nil, err
		}
		if l.bias == nil {
			l.bias = make([]float32, s[0])
		}
		gate, err := e.role(n, "gate", s[0])
		if err != nil {
			return nil, err
		}
		x := e.quantized[n.Inputs[0]]
		codes, steps := l.steps(func(int) []weights.Quant { return x.own[:1] }) // all planes have one scale
		shift := e.fresh(n.Name + "/shift")
		e.initFloats(shift, []int{s[0]}, l.bias)
		more := []string{e.rowwise(l.weight.Name, proto.Int8, l.weight.Shape, codes, steps), e.tensor(gate, s[0]), shift}
		return e.dynamicWith(n, s, "StaticDynamicShuffle", generatorRoles, more, proto.IntAttr("form", 0))
	})
}
