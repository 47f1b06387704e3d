package onnx

import (
	"math"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// Padding that no convolution or pool takes over becomes a node.
var opPad = operator{
	op: weights.OpPad, inputs: 1,
	sign:  anySign, // the value may be negative
	write: (*exporter).padNode,
}

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

// padded settles a view with padding around it.
func (im *importer) padded(v *value, hint string) string {
	x := im.settle(im.bare(v), hint+"/bare")
	value := 0.0
	if v.low {
		value = -math.MaxFloat32
	}
	return im.padNode(hint+"/pad", hint, x, v.pad, [2]int{}, 0, value).base
}

// padModes are the modes by number.
var padModes = []string{"constant", "reflect", "edge"}

func (e *exporter) padNode(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	p, err := list(n, "pad", 0, 0, 0, 0, 0)
	if err != nil {
		return nil, err
	}
	c, err := list(n, "channels", 0, 0, 0)
	if err != nil {
		return nil, err
	}
	mode, err := list(n, "mode", 0, 0)
	if err != nil || mode[0] >= len(padModes) {
		return nil, unsupported("mode: got %v, want 0 to %d", mode, len(padModes)-1)
	}
	in := []string{n.Inputs[0], e.initInts(0, c[0], p[0], p[1], 0, c[1], p[2], p[3])}
	if n.Tensors["value"] != "" {
		v, err := e.number(n, "value")
		if err != nil {
			return nil, err
		}
		in = append(in, e.initScalar(v))
	}
	e.put(n.Name, "Pad", in, n.Outputs, proto.TextAttr("mode", padModes[mode[0]]))
	return [][]int{{s[0] + c[0] + c[1], s[1] + p[0] + p[2], s[2] + p[1] + p[3]}}, nil
}
