package onnx

import (
	"github.com/riffle-ml/riffle/weights"
)

// What norms share.

// normTensors gives the node that was added last its factors and summands, which are
// inputs first and first+1 of the node at work, if those are there; each is repeated for so
// many channels.
func (im *importer) normTensors(first int, epsilon float64, each int) {
	n := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
	c := im.shapes[n.Outputs[0]][0]
	im.spend(2 * c)
	n.Tensors = map[string]string{}
	for i, role := range []string{"scale", "shift"} {
		data := make([]float32, c)
		for k := range data {
			data[k] = float32(1 - i)
		}
		if t := im.floatConstant(first+i, false); t != nil {
			if len(t.f)*each != c {
				im.failf(ErrInvalid, "input %q: got %d values, want %d", im.n.Inputs[first+i], len(t.f), c/each)
			}
			for k := range data {
				data[k] = t.f[k/each]
			}
		}
		n.Tensors[role] = im.storeFor(n.Name, role, data, c)
	}
	if !(epsilon >= 0) || !finite(epsilon) {
		im.failf(ErrInvalid, "epsilon: got %v, want 0 or more", epsilon)
	}
	n.Tensors["epsilon"] = im.storeFor(n.Name, "epsilon", []float32{float32(epsilon)}, 1)
}

// normInputs are the names of a norm's factors and summands.
func (e *exporter) normInputs(n *weights.Node, c int) ([]string, error) {
	var in []string
	for _, role := range []string{"scale", "shift"} {
		t, err := e.role(n, role, c)
		if err != nil {
			return nil, err
		}
		in = append(in, e.tensor(t, c))
	}
	return in, nil
}
