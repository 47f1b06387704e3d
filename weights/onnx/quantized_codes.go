package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// Quantized operators are written as float32 ones between DequantizeLinear and
// QuantizeLinear (QDQ), the form from which engines make their own int8 layers. A value's
// name is that of its float32 twin, behind the DequantizeLinear.

// uniform is the scale and zero point of channels, and false if they have several.
func uniform(own []weights.Quant) (weights.Quant, bool) {
	for _, q := range own {
		if q != own[0] {
			return own[0], false
		}
	}
	return own[0], true
}

// codesOf is what is known of input i of n, which has to be quantized.
func (e *exporter) codesOf(n *weights.Node, i int) (*coded, error) {
	if q := e.quantized[n.Inputs[i]]; q != nil {
		return q, nil
	}
	return nil, fmt.Errorf("input %d: got a value of float32, want a quantized one", i)
}

// ownQuant is the scale and zero point of n's only result.
func ownQuant(n *weights.Node) (weights.Quant, error) {
	if len(n.Quant) != 1 || len(n.Outputs) != 1 {
		return weights.Quant{}, fmt.Errorf("quant: got %d for %d outputs, want 1 for 1", len(n.Quant), len(n.Outputs))
	}
	return n.Quant[0], nil
}

// encode quantizes the float32 value real, and makes out of it again. own is what
// its channels mean in the model.
func (e *exporter) encode(real, out string, own []weights.Quant, grid int) {
	q := &coded{own: own, grid: grid, codes: e.fresh(out + "/quantized")}
	e.quantized[out] = q
	e.put(out+"/quantize", "QuantizeLinear", e.withGrid(real, grid), []string{q.codes})
	e.put(out+"/dequantize", "DequantizeLinear", e.withGrid(q.codes, grid), []string{out})
}

// withGrid is the inputs of a QuantizeLinear or DequantizeLinear.
func (e *exporter) withGrid(value string, grid int) []string {
	q := e.grids.quant(grid)
	return []string{value, e.initScalar(q.Scale), e.initByte(q.Zero)}
}

// made encodes the only result of n, of so many channels, within n's limits.
func (e *exporter) made(n *weights.Node, real string, channels int) error {
	own, err := ownQuant(n)
	if err != nil {
		return err
	}
	grid := e.grids.add(n.Outputs[0], own)
	if real, err = e.limited(n, real, own, e.grids.quant(grid)); err != nil {
		return err
	}
	e.encode(real, n.Outputs[0], slices.Repeat([]weights.Quant{own}, channels), grid)
	return nil
}

// limited writes what n's clamp leaves out, where the limits of the grid do not.
func (e *exporter) limited(n *weights.Node, real string, own, grid weights.Quant) (string, error) {
	c := n.Attr("clamp", 0, 255)
	if len(c) != 2 || c[0] < 0 || c[0] > c[1] || c[1] > 255 {
		return "", fmt.Errorf("clamp: got %v, want two numbers from 0 to 255 in ascending order", c)
	}
	low := c[0] > 0 || own.Zero == 0 && grid.Zero > 0 // a grid that begins at 0 is a ReLU
	high := c[1] < 255
	if !low && !high {
		return real, nil
	}
	at := func(code int) float32 { return own.Scale * float32(code-own.Zero) }
	out := e.fresh(n.Outputs[0] + "/limited")
	if low && !high && at(c[0]) == 0 {
		e.put(n.Name+"/limit", "Relu", []string{real}, []string{out})
		return out, nil
	}
	in := []string{real, "", ""}
	if low {
		in[1] = e.initScalar(at(c[0]))
	}
	if high {
		in[2] = e.initScalar(at(c[1]))
	}
	e.put(n.Name+"/limit", "Clip", in, []string{out})
	return out, nil
}

// between writes n as a float32 operator does, and encodes its result. All of n's first
// so many inputs have to be quantized.
func (e *exporter) between(n *weights.Node, s []int, inputs int, write writer) ([][]int, error) {
	for i := range inputs {
		if _, err := e.codesOf(n, i); err != nil {
			return nil, err
		}
	}
	if _, err := ownQuant(n); err != nil {
		return nil, err
	}
	float := *n
	float.Outputs = []string{e.fresh(n.Outputs[0] + "/real")}
	out, err := write(e, &float, s)
	if err != nil {
		return nil, err
	}
	return out, e.made(n, float.Outputs[0], out[0][0])
}
