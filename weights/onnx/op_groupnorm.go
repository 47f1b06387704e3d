package onnx

import (
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opGroupNorm = operator{
	op: weights.OpGroupNorm, inputs: 1,
	reads: map[string]reader{
		"InstanceNormalization": (*importer).instanceNorm,
		"GroupNormalization":    (*importer).groupNorm,
	},
	write: (*exporter).groupNorm,
}

// instanceNorm has a group for each entry of dimension 1: of [N C H W] a channel, and of
// [N G K], which is what PyTorch makes of a group norm, a group of channels.
func (im *importer) instanceNorm() {
	v := im.act(0)
	if len(v.dims) < 3 || v.lead != 0 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N C ...]", im.whole(v))
	}
	p := im.pointwise(0, false)
	groups := v.dims[1]
	if p.s[0]%groups != 0 || v.index != nil && p.view != nil && !(groups == 1 && im.bijective(v)) || len(p.s) != 3 {
		im.failf(ErrUnsupported, "input: got shape %v made of %v, want groups of its channels", im.whole(v), p.s)
	}
	y := im.add(weights.OpGroupNorm, im.n.Label(), im.n.Outputs[0], []string{p.x}, map[string][]int{"groups": {groups}}, nil, p.s...)
	im.normTensors(1, im.attrFloat("epsilon", 1e-5), p.s[0]/groups)
	im.out(p.done(y))
}

// groupNorm has factors and summands for each group in opset 18, and for each channel
// from opset 21 on.
func (im *importer) groupNorm() {
	x, s := im.planes(0)
	groups, each := im.attrCount("num_groups", 1), 1
	if s[0]%groups != 0 {
		im.failf(ErrInvalid, "num_groups: got %d, want a divisor of the %d channels", groups, s[0])
	}
	if im.opset < 21 {
		each = s[0] / groups
	}
	y := im.add(weights.OpGroupNorm, im.n.Label(), im.n.Outputs[0], []string{x}, map[string][]int{"groups": {groups}}, nil, s...)
	im.normTensors(1, im.attrFloat("epsilon", 1e-5), each)
	im.out(y)
}

// groupNorm writes an instance norm of the groups, and then the factors and summands.
func (e *exporter) groupNorm(n *weights.Node, s []int) ([][]int, error) {
	g, err := list(n, "groups", 1, 1)
	if err != nil {
		return nil, err
	}
	eps, err := e.number(n, "epsilon")
	if err != nil {
		return nil, err
	}
	scale, err := e.role(n, "scale", s[0])
	if err != nil {
		return nil, err
	}
	shift, err := e.role(n, "shift", s[0])
	if err != nil {
		return nil, err
	}
	if err := planar(s); err != nil || s[0]%g[0] != 0 {
		return nil, unsupported("groups: got %d of shape %v, want a divisor of the channels of planes", g[0], s)
	}
	name := func(role string) string { return e.fresh(n.Outputs[0] + "/" + role) }
	ones, zeros := make([]float32, g[0]), make([]float32, g[0])
	for i := range ones {
		ones[i] = 1
	}
	one, zero := name("ones"), name("zeros")
	e.initFloats(one, []int{g[0]}, ones)
	e.initFloats(zero, []int{g[0]}, zeros)
	grouped, normal, back, scaled := name("grouped"), name("normal"), name("back"), name("scaled")
	e.put(n.Name+"/group", "Reshape", []string{n.Inputs[0], e.initInts(0, g[0], -1)}, []string{grouped})
	e.put(n.Name+"/norm", "InstanceNormalization", []string{grouped, one, zero}, []string{normal}, proto.FloatAttr("epsilon", eps))
	e.put(n.Name+"/ungroup", "Reshape", []string{normal, e.initInts(0, s[0], s[1], s[2])}, []string{back})
	e.put(n.Name+"/scale", "Mul", []string{back, e.tensor(scale, s[0], 1, 1)}, []string{scaled})
	e.put(n.Name, "Add", []string{scaled, e.tensor(shift, s[0], 1, 1)}, n.Outputs)
	return [][]int{s}, nil
}
