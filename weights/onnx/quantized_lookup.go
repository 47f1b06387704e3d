package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// functions are those of single elements that engines know to compute in integers.
var functions = []*operator{
	nil, // y = x
	&opHardSwish, &opSigmoid, &opSiLU, &opTanh,
}

// tolerated is how far entries of a table may be from the function's: what was computed
// in float32 may round otherwise.
const tolerated = 1

// qlookup writes a table as the function that it is the table of, where that is known,
// else as a Gather.
func (e *exporter) qlookup(n *weights.Node, s []int) ([][]int, error) {
	x, err := e.codesOf(n, 0)
	if err != nil {
		return nil, err
	}
	to, err := ownQuant(n)
	if err != nil {
		return nil, err
	}
	t, err := e.role(n, "table", 256)
	if err != nil {
		return nil, err
	}
	if t.DType != weights.Uint8 || len(t.Bytes) != 256 {
		return nil, fmt.Errorf("table: got elements of %v, want %v", t.DType, weights.Uint8)
	}
	from, ok := uniform(x.own)
	if !ok {
		return nil, unsupported("input: got channels of several scales, want one")
	}
	for _, k := range functions {
		f := func(x float64) float64 { return x }
		if k != nil {
			f = element.Of(&weights.Node{Op: k.op}, nil)
		}
		if !tabulated(t.Bytes, f, from, to) {
			continue
		}
		real := n.Inputs[0]
		if k != nil {
			float := weights.Node{Name: n.Name, Op: k.op, Inputs: n.Inputs, Outputs: []string{e.fresh(n.Outputs[0] + "/real")}}
			if _, err := k.write(e, &float, s); err != nil {
				return nil, err
			}
			real = float.Outputs[0]
		}
		return [][]int{s}, e.made(n, real, s[0])
	}
	// The table is one of the model's grids, and is read by elements of ONNX's.
	grid := e.grids.add(n.Outputs[0], to)
	in, out := e.grids.quant(x.grid), e.grids.quant(grid)
	table := make([]byte, 256)
	for i := range table {
		table[i] = element.Code(element.Real(t.Bytes[element.Code(element.Real(byte(i), in), from)], to), out)
	}
	name, index, picked := e.fresh(t.Name), e.fresh(n.Outputs[0]+"/index"), e.fresh(n.Outputs[0]+"/quantized")
	e.initRaw(name, proto.Uint8, []int{256}, table)
	e.put(n.Name+"/index", "Cast", []string{x.codes}, []string{index}, proto.IntAttr("to", proto.Int32))
	e.put(n.Name, "Gather", []string{name, index}, []string{picked}, proto.IntAttr("axis", 0))
	e.put(n.Name+"/dequantize", "DequantizeLinear", e.withGrid(picked, grid), n.Outputs)
	e.quantized[n.Outputs[0]] = &coded{own: slices.Repeat([]weights.Quant{to}, s[0]), grid: grid, codes: picked}
	return [][]int{s}, nil
}

// tabulated says whether table is that of f.
func tabulated(table []byte, f func(float64) float64, from, to weights.Quant) bool {
	for i, y := range table {
		if d := int(y) - int(element.Code(f(element.Real(byte(i), from)), to)); d < -tolerated || d > tolerated {
			return false
		}
	}
	return true
}
