package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

var opSlice = operator{
	op: weights.OpSlice, inputs: 1,
	reads: map[string]reader{"Slice": (*importer).slice},
	folds: map[string]evaluator{"Slice": viewed((*importer).slice)},
	sign:  asInputs,
	write: (*exporter).slice,
}

// ranges reads Slice's lists: the axes named, and of each start, stop and step.
func (im *importer) ranges(dims []int) (axes []int, keep [][3]int) {
	starts, ends, named, steps := im.listOf("starts", 1), im.listOf("ends", 2), im.listOf("axes", 3), im.listOf("steps", 4)
	k := len(starts)
	if k == 0 || k > len(dims) || len(ends) != k || named != nil && len(named) != k || steps != nil && len(steps) != k {
		im.failf(ErrInvalid, "starts, ends, axes, steps: got %d, %d, %d, %d numbers for %v, want one each for an axis", k, len(ends), len(named), len(steps), dims)
	}
	for i := range starts {
		axis := i
		if named != nil {
			axis = im.axisOf(named[i], len(dims))
		}
		if slices.Contains(axes, axis) {
			im.failf(ErrInvalid, "axes: got %v, want different ones", named)
		}
		axes = append(axes, axis)
	}
	for i, axis := range axes {
		n, step := int64(dims[axis]), int64(1)
		if steps != nil {
			step = steps[i]
		}
		clamp := func(k, lo, hi int64) int64 {
			if k < 0 {
				k += n
			}
			return max(lo, min(k, hi))
		}
		var r [3]int64
		switch {
		case n == 0:
			r = [3]int64{0, 0, 1}
		case step > 0:
			r = [3]int64{clamp(starts[i], 0, n), clamp(ends[i], 0, n), min(step, n)}
		case step < 0:
			r = [3]int64{clamp(starts[i], 0, n-1), clamp(ends[i], -1, n-1), max(step, -n)}
		default:
			im.failf(ErrInvalid, "steps: got 0, want another number")
		}
		keep = append(keep, [3]int{int(r[0]), int(r[1]), int(r[2])})
	}
	return axes, keep
}

func (im *importer) slice() {
	v := im.channels(0)
	axes, keep := im.ranges(v.dims)
	for i, axis := range axes {
		r, n := keep[i], v.dims[axis]
		if r[0] == 0 && r[1] == n && r[2] == 1 {
			continue
		}
		if axis == 1 && r[2] > 0 && r[0] < r[1] && im.plain(v) { // channels: a node, and views of it stay plain
			s := slices.Clone(im.shapes[v.base])
			s[0] = (r[1] - r[0] + r[2] - 1) / r[2]
			v = im.add(weights.OpSlice, im.n.Label(), im.n.Outputs[0], []string{v.base}, map[string][]int{"range": r[:]}, nil, s...)
			continue
		}
		var list []int
		for k := r[0]; r[2] > 0 && k < r[1] || r[2] < 0 && k > r[1]; k += r[2] {
			list = append(list, k)
		}
		v = im.pick(v, axis, list, false)
	}
	c := *v
	im.out(&c)
}

func (e *exporter) slice(n *weights.Node, s []int) ([][]int, error) {
	r, err := list(n, "range", 0, 0, 0, 0)
	if err != nil || r[0] >= r[1] || r[1] > s[0] || r[2] < 1 {
		return nil, fmt.Errorf("range: got %v, want [start stop step] of %d channels", n.Attrs["range"], s[0])
	}
	e.put(n.Name, "Slice", []string{n.Inputs[0], e.initInts(r[0]), e.initInts(r[1]), e.initInts(1), e.initInts(r[2])}, n.Outputs)
	return [][]int{channels(s, (r[1]-r[0]+r[2]-1)/r[2])}, nil
}
