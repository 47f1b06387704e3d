package onnx

import (
	"github.com/riffle-ml/riffle/weights"
)

// padNode adds the node for model value x.
func (im *importer) padNode(name, out, x string, pad [4]int, channels [2]int, mode int, value float64) *value {
	s := im.shapes[x]
	if len(s) != 3 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N C H W]", append([]int{1}, s...))
	}
	attrs := map[string][]int{"pad": pad[:]}
	if channels != [2]int{} {
		attrs["channels"] = channels[:]
	}
	if mode != 0 {
		attrs["mode"] = []int{mode}
	}
	y := im.add(weights.OpPad, name, out, []string{x}, attrs, nil, s[0]+channels[0]+channels[1], s[1]+pad[0]+pad[2], s[2]+pad[1]+pad[3])
	if value != 0 {
		n := &im.m.Graph.Nodes[len(im.m.Graph.Nodes)-1]
		n.Tensors = map[string]string{"value": im.storeFor(n.Name, "value", []float32{float32(value)}, 1)}
	}
	im.nonneg[y.base] = im.nonneg[x] && value >= 0
	return y
}

// padModes are the modes by number.
var padModes = []string{"constant", "reflect", "edge"}
