package load

import (
	"errors"

	"github.com/riffle-ml/riffle/weights"
)

// embedding names the value that describes a picture before the classes are told apart:
// what goes into the last linear layer on the way to the first output.
func embedding(m *weights.Model) (string, error) {
	needed := map[string]bool{m.Graph.Outputs[0]: true}
	for i := len(m.Graph.Nodes) - 1; i >= 0; i-- {
		n := &m.Graph.Nodes[i]
		on := false
		for _, v := range n.Outputs {
			on = on || needed[v]
		}
		if !on {
			continue
		}
		if n.Op == weights.OpLinear {
			return n.Inputs[0], nil
		}
		for _, v := range n.Inputs {
			needed[v] = true
		}
	}
	return "", errors.New("-embed: the network has no linear layer whose input could be the embedding; choose a value with -output NAME (infer inspect lists them)")
}
