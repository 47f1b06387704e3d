package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

func (e *exporter) qconv(n *weights.Node, s []int) ([][]int, error) {
	k, stride, dil, pad, hw, err := window(n, s)
	if err != nil {
		return nil, err
	}
	g, err := list(n, "groups", 1, 1)
	if err != nil {
		return nil, err
	}
	x, err := e.codesOf(n, 0)
	if err != nil {
		return nil, err
	}
	per := s[0] / g[0]
	l, err := e.qlayer(n, "bias", -1, per, k[0], k[1])
	if err != nil {
		return nil, err
	}
	o := l.weight.Shape[0]
	if s[0]%g[0] != 0 || o%g[0] != 0 {
		return nil, fmt.Errorf("groups: got %d, want a divisor of %d and %d channels", g[0], s[0], o)
	}
	in := e.operands(n, l, func(row int) []weights.Quant {
		i := row / (o / g[0])
		return x.own[i*per : (i+1)*per]
	}, e.grids.quant(x.grid).Scale)
	out := [][]int{{o, hw[0], hw[1]}}
	return out, e.layer(n, "Conv", in, out[0],
		proto.IntsAttr("kernel_shape", k...), proto.IntsAttr("strides", stride...), proto.IntsAttr("dilations", dil...), proto.IntsAttr("pads", pad...), proto.IntAttr("group", g[0]))
}

func (e *exporter) qlinear(n *weights.Node, s []int) ([][]int, error) {
	if err := vectorial(s); err != nil {
		return nil, err
	}
	x, err := e.codesOf(n, 0)
	if err != nil {
		return nil, err
	}
	l, err := e.qlayer(n, "bias", -1, s[0])
	if err != nil {
		return nil, err
	}
	in := e.operands(n, l, func(int) []weights.Quant { return x.own }, e.grids.quant(x.grid).Scale)
	out := [][]int{{l.weight.Shape[0]}}
	return out, e.layer(n, "Gemm", in, out[0], proto.IntAttr("transB", 1))
}

// layer writes a Conv or Gemm, what is added to its result, and the result's encoding
// where it has one.
func (e *exporter) layer(n *weights.Node, op string, in []string, shape []int, attrs ...[]byte) error {
	if len(n.Inputs) > 2 || len(n.Inputs) == 2 && !slices.Equal(e.shapes[n.Inputs[1]], shape) {
		return fmt.Errorf("inputs: got %d, want 1, or a second of the result's shape %v", len(n.Inputs), shape)
	}
	if n.Quant == nil && len(n.Inputs) == 1 {
		e.put(n.Name, op, in, n.Outputs, attrs...)
		return nil
	}
	real := e.fresh(n.Outputs[0] + "/real")
	e.put(n.Name, op, in, []string{real}, attrs...)
	if len(n.Inputs) == 2 {
		sum, err := e.residual(n, real)
		if err != nil || n.Quant == nil {
			return err
		}
		real = sum
	}
	return e.made(n, real, shape[0])
}

// residual writes the sum of the layer's result and n's second input. Engines keep a
// layer in integers only if its result is quantized before the sum. The model has no
// scale for it, but limits: the result's less those of what is added.
func (e *exporter) residual(n *weights.Node, real string) (string, error) {
	r, err := e.codesOf(n, 1)
	if err != nil {
		return "", err
	}
	if n.Quant == nil {
		e.put(n.Name+"/add", "Add", []string{real, n.Inputs[1]}, n.Outputs)
		return n.Outputs[0], nil
	}
	own, err := ownQuant(n)
	if err != nil {
		return "", err
	}
	lo, hi := limitsOf(own)
	rlo, rhi := limitsOf(e.grids.quant(r.grid))
	coded := e.fresh(n.Outputs[0] + "/layer")
	e.encode(real, coded, nil, e.grids.add(n.Outputs[0]+"/layer", spanning(lo-rhi, hi-rlo)))
	sum := e.fresh(n.Outputs[0] + "/sum")
	e.put(n.Name+"/add", "Add", []string{coded, n.Inputs[1]}, []string{sum})
	return sum, nil
}
