package onnx

import (
	"fmt"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// A chain of ONNX operators that permutes channels becomes a shuffle: see settle.
var opShuffle = operator{
	op: weights.OpShuffle, inputs: 1,
	sign:  asInputs,
	write: (*exporter).shuffle,
}

// shuffle writes reshape, transpose, reshape where the table is that of a
// channel shuffle, as PyTorch does; else a Gather.
func (e *exporter) shuffle(n *weights.Node, s []int) ([][]int, error) {
	perm := n.Attrs["perm"]
	c := len(perm)
	seen := make([]bool, c)
	for _, p := range perm {
		if p < 0 || p >= c || seen[p] || c != s[0] {
			return nil, fmt.Errorf("perm: got %d numbers that are no permutation of %d channels", c, s[0])
		}
		seen[p] = true
	}
	if c != s[0] {
		return nil, fmt.Errorf("perm: got %d numbers, want %d", c, s[0])
	}
	if k := groupSize(perm); k > 0 && len(s) == 3 {
		a, b := e.fresh(n.Outputs[0]+"/grouped"), e.fresh(n.Outputs[0]+"/transposed")
		e.put(n.Name+"/group", "Reshape", []string{n.Inputs[0], e.initInts(-1, c/k, k, s[1], s[2])}, []string{a})
		e.put(n.Name+"/transpose", "Transpose", []string{a}, []string{b}, proto.IntsAttr("perm", 0, 2, 1, 3, 4))
		e.put(n.Name, "Reshape", []string{b, e.initInts(-1, c, s[1], s[2])}, n.Outputs)
	} else {
		e.put(n.Name, "Gather", []string{n.Inputs[0], e.initInts(perm...)}, n.Outputs, proto.IntAttr("axis", 1))
	}
	return [][]int{s}, nil
}

// groupSize is C/g if perm is channelShuffle of g groups, 1 < g < C, else 0.
func groupSize(perm []int) int {
	c := len(perm)
	if c < 4 || perm[1] < 2 || c%perm[1] != 0 {
		return 0
	}
	k := perm[1]
	for i := range c {
		if g := c / k; perm[i] != i%g*k+i/g {
			return 0
		}
	}
	return k
}
