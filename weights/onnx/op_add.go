package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

var opAdd = operator{
	op: weights.OpAdd, inputs: 2,
	reads: map[string]reader{"Add": (*importer).addition, "Sum": (*importer).addition},
	sign:  asInputs,
	write: (*exporter).add,
}

// addition is Add, of a constant too, and Sum.
func (im *importer) addition() {
	k := len(im.n.Inputs)
	if k == 1 && im.n.Op == "Sum" {
		im.identity()
		return
	}
	if k < 2 || k > 2 && im.n.Op == "Add" {
		im.failf(ErrInvalid, "got %d inputs, want 2", k)
	}
	at := im.activation()
	if v := im.in(1 - min(at, 1)); k == 2 && v != nil && v.c != nil {
		shift := im.perChannel(v.c, im.act(at))
		a := im.newAffine(len(shift))
		copy(a.shift, shift)
		im.emitAffine(at, a)
		return
	}
	sum, s := im.any(0)
	for i := 1; i < k; i++ {
		y, t := im.any(i)
		if !slices.Equal(s, t) {
			im.failf(ErrUnsupported, "inputs: got shapes %v and %v, want the same", s, t)
		}
		if i < k-1 {
			sum = im.add(weights.OpAdd, im.n.Label(), im.n.Outputs[0]+"/sum", []string{sum, y}, nil, nil, s...).base
		} else {
			im.emit(weights.OpAdd, []string{sum, y}, nil, nil, s...)
		}
	}
}

func (e *exporter) add(n *weights.Node, s []int) ([][]int, error) {
	if t := e.shapes[n.Inputs[1]]; !slices.Equal(s, t) {
		return nil, fmt.Errorf("inputs: got shapes %v and %v, want the same", s, t)
	}
	e.put(n.Name, "Add", n.Inputs, n.Outputs)
	return [][]int{s}, nil
}
