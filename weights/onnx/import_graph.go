package onnx

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// The opsets that are read. Within 11 to 21 every form of an operator is known and
// tested. The newer ones differ in nothing that matters here. What the older ones write
// in another way is read where that has one meaning.
const minOpset, maxOpset = 1, 25

func (im *importer) run(p *proto.Model, ops *catalog) {
	if im.opset == 0 {
		im.opset = p.Opsets["ai.onnx"]
	}
	if im.opset < minOpset || im.opset > maxOpset {
		im.failf(ErrUnsupported, "opset: got %d, want 11 to 21 (%d to %d are tried)", im.opset, minOpset, maxOpset)
	}
	if v := p.Opsets[domain]; v > 1 {
		im.failf(ErrUnsupported, "opset of domain %s: got %d, want 1", domain, v)
	}
	g := p.Graph
	if g.Sparse {
		im.failf(ErrUnsupported, "got sparse initializers, want dense ones")
	}
	if p.Producer == producer && g.Name != noName {
		im.m.Name = g.Name
	}
	if len(g.Outputs) == 0 {
		im.failf(ErrInvalid, "got no outputs, want one or more")
	}
	im.inline(p)
	g.Nodes = im.lower(ops, g.Nodes)
	nodes, need := im.ordered(g)
	im.need = need
	im.initializers(g)
	im.inputs(g, nodes, need)
	im.nodes(ops, nodes, g.Values)
	im.outputs(g, nodes)
	im.prune() // what is not needed reads nothing
	im.recognize()
	im.fuse(ops.operators)
	im.dropIdentities()
	im.prune()
	im.quantize8()
	im.nameOutputs(g)
}

// inputs finds the graph's one input: the one that is needed, or the first, so
// that a broken graph fails where it breaks. Old files list initializers too.
func (im *importer) inputs(g *proto.Graph, nodes []*proto.Node, need map[string]bool) {
	isWeight := map[string]bool{}
	for _, t := range g.Initializers {
		isWeight[t.Name] = true
	}
	var input *proto.Value
	for i := range g.Inputs {
		p := &g.Inputs[i]
		switch {
		case isWeight[p.Name]:
		case input == nil || need[p.Name] && !need[input.Name]:
			input = p
		case need[p.Name]:
			im.failf(ErrUnsupported, "inputs: got %q and %q, want one", input.Name, p.Name)
		}
	}
	if input == nil {
		im.failf(ErrInvalid, "got no input, want one")
	}
	im.where = fmt.Sprintf("input %q: ", input.Name)
	if !im.channelsLast && looksChannelsLast(input.Dims, nodes) {
		im.failf(ErrUnsupported, "got shape %v with its channels last (NHWC, as TensorFlow and Keras have them), want [N C H W], or the option WithChannelsLast (infer convert -nhwc)", input.Dims)
	}
	im.input(input)
	im.where = ""
}

// looksChannelsLast says whether an input is of images in NHWC: the channels of an image
// come last and nowhere else, and some node puts them first.
func looksChannelsLast(dims []int64, nodes []*proto.Node) bool {
	channels := func(d int64) bool { return d == 1 || d == 3 || d == 4 }
	if len(dims) != 4 || !channels(dims[3]) || channels(dims[1]) || channels(dims[2]) {
		return false
	}
	return slices.ContainsFunc(nodes, func(n *proto.Node) bool {
		perm := n.Attrs["perm"]
		return n.Op == "Transpose" && perm != nil && slices.Equal(perm.Ints, []int64{0, 3, 1, 2})
	})
}

func (im *importer) input(p *proto.Value) {
	if !p.HasShape || len(p.Dims) != 4 && len(p.Dims) != 2 {
		im.failf(ErrUnsupported, "got shape %v, want [N C H W] or [N K]", p.Dims)
	}
	if p.Type != 0 && !proto.IsFloat(p.Type) && !proto.IsInteger(p.Type) {
		im.failf(ErrUnsupported, "got elements of %s, want floats or integers", proto.TypeName(p.Type))
	}
	last := im.channelsLast && len(p.Dims) == 4
	given := []int{0, im.hw[0], im.hw[1]}
	if last {
		given = []int{im.hw[0], im.hw[1], 0}
	}
	dims := []int{1}
	for i, d := range p.Dims[1:] {
		if d < 1 && given[i] > 0 {
			d = int64(given[i])
		}
		if d < 1 || d > maxSize {
			im.failf(ErrUnsupported, "got shape %v, want channels, height and width fixed, or a size (WithInputSize, infer convert -crop)", p.Dims)
		}
		dims = append(dims, int(d))
	}
	n, ok := product(dims)
	if b := p.Dims[0]; !ok || b > 1 && b > int64(maxSize/n) {
		im.failf(ErrUnsupported, "got shape %v, want at most %d elements", p.Dims, maxSize)
	} else if b > 1 {
		im.batch = int(b)
	}
	im.single = p.Dims[0] == 1
	shape := dims[1:]
	if last {
		shape = []int{dims[3], dims[1], dims[2]}
	}
	im.m.Graph.Inputs = []weights.Value{{Name: p.Name, Shape: shape}}
	im.shapes[p.Name] = shape
	im.suffix["v:"+p.Name] = 0
	in := &value{base: p.Name, dims: append([]int{1}, shape...)}
	if last {
		in = im.transposed(in, []int{0, 2, 3, 1}, dims)
	}
	if p.Type != proto.Float {
		in.typ = p.Type
	}
	im.define(p.Name, in)
}

// outputs settles the graph's outputs.
func (im *importer) outputs(g *proto.Graph, nodes []*proto.Node) {
	by := map[string]*proto.Node{}
	for _, n := range nodes {
		for _, o := range n.Outputs {
			by[o] = n
		}
	}
	for _, o := range g.Outputs {
		im.n, im.where = by[o.Name], fmt.Sprintf("output %q: ", o.Name)
		v := im.values[o.Name]
		switch {
		case v == nil:
			im.failf(ErrInvalid, "got none that a node computes, want one")
		case v.numbers != nil:
			im.failf(ErrUnsupported, "got quantized elements as integers, want a DequantizeLinear of them")
		case v.c != nil || v.seq != nil:
			im.failf(ErrUnsupported, "got a constant or a sequence, want what is computed from the input")
		case v.mean != nil:
			v = im.settledMean(o.Name)
		}
		im.m.Graph.Outputs = append(im.m.Graph.Outputs, im.settle(im.output(v), o.Name))
	}
	im.n, im.where = nil, ""
}

// output is v as a model's value can be: with the batch, and where it is a vector with
// dimensions of 1 around it, as that vector. One of another number of dimensions than a
// model's values have gets some of 1, or merges the first.
func (im *importer) output(v *value) *value {
	n := v.elems()
	if im.single && !v.padded() && len(v.dims) > 0 && len(v.dims) < proto.MaxRank && v.dims[0] != 1 {
		if batched := im.reshaped(v, append([]int{1}, v.dims...)); !im.settles(v) && im.settles(batched) {
			return batched
		}
	}
	if im.settles(v) || v.padded() || v.lead != 0 {
		return v
	}
	if !slices.Contains(v.dims, n) {
		return im.imageOf(v)
	}
	if im.single || len(v.dims) > 0 && v.dims[0] == 1 {
		return im.reshaped(v, []int{1, n})
	}
	return v
}

// imageOf is v with as many dimensions as an image has.
func (im *importer) imageOf(v *value) *value {
	d := v.dims
	switch {
	case len(d) == 3 && d[0] == 1:
		size := []int{1, d[2]}
		if from := im.shapes[v.base]; len(from) == 3 && from[1]*from[2] == d[2] {
			size = from[1:]
		}
		return im.reshaped(v, slices.Concat(d[:2], size))
	case len(d) > 4 && d[0] == 1:
		k := len(d) - 2
		return im.reshaped(v, []int{1, product1(d[:k]), d[k], d[k+1]})
	}
	return v
}
