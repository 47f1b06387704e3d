package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opSplit = operator{
	op: weights.OpSplit, inputs: 1, several: true,
	reads: map[string]reader{
		"Split":           (*importer).split,
		"SplitToSequence": (*importer).splitToSequence,
		"SequenceAt":      (*importer).sequenceAt,
	},
	sign:  asInputs,
	write: (*exporter).split,
}

func (im *importer) split() {
	v := im.channels(0)
	axis := im.axis(0, len(v.dims))
	names := slices.Clone(im.n.Outputs)
	for i, name := range names {
		if name == "" {
			names[i] = im.n.Label() + "/unused"
		}
	}
	for i, part := range im.cut(v, axis, im.parts(v, axis, len(names)), names) {
		if im.n.Outputs[i] != "" {
			c := *part
			im.define(im.n.Outputs[i], &c)
		}
	}
}

// partCost is what a part of a sequence costs, in elements: its names and shapes. The
// file names no part, so that a node of a few bytes may ask for thousands.
const partCost = 256

// splitToSequence is how PyTorch's newer exporter writes a split before it is
// optimised; SequenceAt takes its parts.
func (im *importer) splitToSequence() {
	v := im.channels(0)
	axis := im.axis(0, len(v.dims))
	var sizes, at []int // of the parts that are not empty, and where those are
	seq := make([]*value, 0)
	var names []string
	parts := im.parts(v, axis, 0)
	im.spend(partCost * len(parts))
	for i, c := range parts {
		if seq = append(seq, nil); c > 0 {
			sizes, at = append(sizes, c), append(at, i)
			names = append(names, fmt.Sprintf("%s/%d", im.n.Outputs[0], i))
		}
	}
	for i, part := range im.cut(v, axis, sizes, names) {
		seq[at[i]] = part
	}
	im.out(&value{seq: seq})
}

func (im *importer) sequenceAt() {
	v := im.in(0)
	if v == nil || v.seq == nil {
		im.failf(ErrInvalid, "input: got no sequence, want one")
	}
	t := im.constant(1, true)
	if !t.isInt() || len(t.i) != 1 {
		im.failf(ErrInvalid, "position: got %d values, want one integer", t.len())
	}
	part := v.seq[im.entry(t.i[0], len(v.seq))]
	if part == nil {
		im.failf(ErrUnsupported, "position: got %d, an empty part, want one with elements", t.i[0])
	}
	c := *part
	im.out(&c)
}

func (e *exporter) split(n *weights.Node, s []int) ([][]int, error) {
	sizes, sum := n.Attrs["sizes"], 0
	var out [][]int
	for _, c := range sizes {
		if c < 1 || c > s[0]-sum {
			break
		}
		sum += c
		out = append(out, channels(s, c))
	}
	if sum != s[0] || len(out) != len(sizes) || len(sizes) != len(n.Outputs) {
		return nil, fmt.Errorf("sizes: got %v for %d outputs, want as many with sum %d", sizes, len(n.Outputs), s[0])
	}
	e.put(n.Name, "Split", []string{n.Inputs[0], e.initInts(sizes...)}, n.Outputs, proto.IntAttr("axis", 1))
	return out, nil
}
