package onnx

import "github.com/riffle-ml/riffle/weights"

func (e *exporter) quantize(n *weights.Node, s []int) ([][]int, error) {
	return [][]int{s}, e.made(n, n.Inputs[0], s[0])
}

func (e *exporter) dequantize(n *weights.Node, s []int) ([][]int, error) {
	x, err := e.codesOf(n, 0)
	if err != nil {
		return nil, err
	}
	e.put(n.Name, "DequantizeLinear", e.withGrid(x.codes, x.grid), n.Outputs)
	return [][]int{s}, nil
}

func (e *exporter) qadd(n *weights.Node, s []int) ([][]int, error) {
	return e.between(n, s, 2, opAdd.write)
}

// qmul has one quantized operand: a factor is float32.
func (e *exporter) qmul(n *weights.Node, s []int) ([][]int, error) {
	return e.between(n, s, 1, opMul.write)
}

func (e *exporter) qavgPool(n *weights.Node, s []int) ([][]int, error) {
	return e.between(n, s, 1, opAvgPool.write)
}
