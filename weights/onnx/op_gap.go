package onnx

import "github.com/riffle-ml/riffle/weights"

var opGlobalAvgPool = operator{
	op: weights.OpGlobalAvgPool, inputs: 1,
	reads: map[string]reader{
		"GlobalAveragePool": func(im *importer) { im.mean(true) },
		"ReduceMean":        (*importer).reduceMean,
	},
	sign:  asInputs,
	write: (*exporter).mean,
}

// mean is the global average pool; without keep the result is [N C].
func (im *importer) mean(keep bool) {
	x, s := im.planes(0)
	out := im.n.Outputs[0]
	if !keep {
		out += "/mean"
	}
	v := im.add(weights.OpGlobalAvgPool, im.n.Label(), out, []string{x}, nil, nil, s[0], 1, 1)
	if !keep {
		v = &value{base: v.base, dims: []int{1, s[0]}, by: im.n.Label()}
	}
	im.out(v)
}

func (im *importer) reduceMean() {
	v := im.act(0)
	axes := im.listOf("axes", 1)
	seen := map[int]bool{}
	for _, a := range axes {
		seen[im.axisOf(a, len(v.dims))] = true
	}
	keep := im.flag("keepdims", 1)
	switch {
	case len(v.dims) == 4 && len(seen) == 2 && seen[2] && seen[3]:
		im.mean(keep)
	case len(v.dims) == 3 && len(seen) == 1 && seen[2] && !keep: // pixels in one dimension
		s := im.shapes[v.base]
		if len(s) != 3 || s[1]*s[2] != v.dims[2] {
			im.failf(ErrUnsupported, "input: got shape %v made of %v, want the pixels of whole planes", v.dims, s)
		}
		im.values[im.n.Inputs[0]] = im.reshaped(v, []int{1, v.dims[1], s[1], s[2]})
		if v.dims[0] != 1 {
			im.failf(ErrUnsupported, "input: got shape %v, want [N C H*W]", v.dims)
		}
		im.mean(keep)
		im.values[im.n.Inputs[0]] = v
	default:
		im.failf(ErrUnsupported, "axes: got %v of shape %v, want 2 and 3 of [N C H W]", axes, v.dims)
	}
}

func (e *exporter) mean(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	e.put(n.Name, "GlobalAveragePool", n.Inputs, n.Outputs)
	return [][]int{{s[0], 1, 1}}, nil
}
