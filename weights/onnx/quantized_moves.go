package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// written writes n. What an operator moves is quantized again behind it, which changes no
// element, so that engines see that they may move bytes.
func (e *exporter) written(op *operator, n *weights.Node) ([][]int, error) {
	s := e.shapes[n.Inputs[0]]
	if !slices.Contains(moves, n.Op) || !slices.ContainsFunc(n.Inputs, func(v string) bool { return e.quantized[v] != nil }) {
		return op.write(e, n, s)
	}
	var own []weights.Quant
	first, err := e.codesOf(n, 0)
	if err != nil {
		return nil, err
	}
	for i := range n.Inputs {
		q, err := e.codesOf(n, i)
		if err != nil {
			return nil, err
		}
		own = append(own, q.own...)
		e.grids.unite(first.grid, q.grid)
	}
	moved := *n
	moved.Outputs = nil
	for _, o := range n.Outputs {
		moved.Outputs = append(moved.Outputs, e.fresh(o+"/moved"))
	}
	out, err := op.write(e, &moved, s)
	if err != nil {
		return nil, err
	}
	for i, o := range n.Outputs {
		part, err := channelsOf(n, own, i, out[i])
		if err != nil {
			return nil, err
		}
		e.encode(moved.Outputs[i], o, part, first.grid)
	}
	return out, nil
}

// channelsOf returns what the channels of output i mean, where own is what those of all
// inputs do. The attributes have been checked.
func channelsOf(n *weights.Node, own []weights.Quant, i int, shape []int) ([]weights.Quant, error) {
	var part []weights.Quant
	switch n.Op {
	case weights.OpSplit:
		at := 0
		for _, c := range n.Attrs["sizes"][:i] {
			at += c
		}
		part = own[at : at+shape[0]]
	case weights.OpSlice:
		r := n.Attrs["range"]
		for c := r[0]; c < r[1]; c += r[2] {
			part = append(part, own[c])
		}
	case weights.OpShuffle:
		for _, c := range n.Attrs["perm"] {
			part = append(part, own[c])
		}
	case weights.OpFlatten:
		for _, q := range own {
			part = append(part, slices.Repeat([]weights.Quant{q}, shape[0]/len(own))...)
		}
	default:
		part = own
	}
	if len(part) != shape[0] {
		return nil, fmt.Errorf("output: got scales of %d channels, want %d", len(part), shape[0])
	}
	return part, nil
}
