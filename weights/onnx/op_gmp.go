package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

var opGlobalMaxPool = operator{
	op: weights.OpGlobalMaxPool, inputs: 1,
	reads: map[string]reader{
		"GlobalMaxPool": func(im *importer) { im.maximum(true) },
		"ReduceMax":     (*importer).reduceMax,
	},
	sign:  asInputs,
	write: (*exporter).maximum,
}

// maximum is over the pixels of input 0; without keep the result is [N C].
func (im *importer) maximum(keep bool) {
	x, s := im.planes(0)
	out := im.n.Outputs[0]
	if !keep {
		out += "/maximum"
	}
	v := im.add(weights.OpGlobalMaxPool, im.n.Label(), out, []string{x}, nil, nil, s[0], 1, 1)
	if !keep {
		v = im.reshaped(v, []int{1, s[0]})
	}
	im.out(v)
}

func (im *importer) reduceMax() {
	v := im.act(0)
	rank := len(v.dims)
	axes := im.axes(rank)
	keep := im.flag("keepdims", 1)
	switch {
	case rank == 4 && len(axes) == 2 && axes[2] && axes[3]:
		im.maximum(keep)
	case rank == 4 && len(axes) == 2 && axes[1] && axes[2] && keep && im.channelsFirst(v) != nil: // channels last
		first := im.settle(im.channelsFirst(v), im.n.Inputs[0])
		c := im.shapes[first][0]
		y := im.add(weights.OpGlobalMaxPool, im.n.Label(), im.n.Outputs[0], []string{first}, nil, nil, c, 1, 1)
		im.out(im.reshaped(y, []int{1, 1, 1, c}))
	default:
		list := []int{}
		for a := range axes {
			list = append(list, a)
		}
		slices.Sort(list)
		im.failf(ErrUnsupported, "axes: got %v of shape %v, want 2 and 3 of [N C H W]", list, im.whole(v))
	}
}

func (e *exporter) maximum(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	e.put(n.Name, "GlobalMaxPool", n.Inputs, n.Outputs)
	return [][]int{{s[0], 1, 1}}, nil
}
