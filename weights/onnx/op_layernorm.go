package onnx

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

var opLayerNorm = operator{
	op: weights.OpLayerNorm, inputs: 1,
	reads: map[string]reader{"LayerNormalization": (*importer).layerNorm},
	write: (*exporter).layerNorm,
}

// layerNorm is over the last dimension, which must be the channels'.
func (im *importer) layerNorm() {
	v := im.act(0)
	rank := len(v.dims)
	if rank < 2 || im.axis(-1, rank) != rank-1 {
		im.failf(ErrUnsupported, "axis: got %d of shape %v, want the last one", im.attrInt("axis", -1), im.whole(v))
	}
	if im.second() {
		im.failf(ErrUnsupported, "got more than one output, want one")
	}
	x, look := im.lastDimension(v)
	y := im.add(weights.OpLayerNorm, im.n.Label(), im.n.Outputs[0], []string{x}, nil, nil, im.shapes[x]...)
	im.normTensors(1, im.attrFloat("epsilon", 1e-5), 1)
	im.out(look(y))
}

// lastDimension settles v such that its last dimension is the channels of a model value,
// and returns that, and what a result of its shape is to look like.
func (im *importer) lastDimension(v *value) (x string, look func(*value) *value) {
	rank := len(v.dims)
	perm, dims := []int{0, rank - 1}, []int{v.dims[0], v.dims[rank-1]}
	back, pixels := []int{0}, 1
	for d := 1; d < rank-1; d++ {
		perm, dims = append(perm, d), append(dims, v.dims[d])
		back, pixels = append(back, d+1), pixels*v.dims[d]
	}
	back = append(back, 1)
	if rank == 2 {
		return im.settle(v, im.n.Inputs[0]), func(y *value) *value { return y }
	}
	if dims[0] != 1 || v.lead != 0 {
		im.failf(ErrUnsupported, "input: got shape %v, want [N ... C]", im.whole(v))
	}
	t := im.transposed(v, perm, dims)
	planes := []int{1, dims[1], 1, pixels}
	if rank == 4 {
		planes = dims
	} else if from := im.shapes[v.base]; len(from) == 3 && from[1]*from[2] == pixels {
		planes = []int{1, dims[1], from[1], from[2]}
	}
	x = im.settle(im.reshaped(t, planes), im.n.Inputs[0]+"/channels")
	return x, func(y *value) *value {
		sizes := make([]int, rank)
		now := slices.Concat(dims[:1], []int{im.shapes[y.base][0]}, dims[2:])
		for i, d := range back {
			sizes[i] = now[d]
		}
		return im.transposed(im.reshaped(y, now), back, sizes)
	}
}

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

// layerNorm writes a layer norm with the channels last in the middle. LayerNormalization is
// of opset 17: the file says so.
func (e *exporter) layerNorm(n *weights.Node, s []int) ([][]int, error) {
	in, err := e.normInputs(n, s[0])
	if err != nil {
		return nil, err
	}
	eps, err := e.number(n, "epsilon")
	if err != nil {
		return nil, err
	}
	e.need(17)
	if len(s) == 1 {
		e.put(n.Name, "LayerNormalization", append([]string{n.Inputs[0]}, in...), n.Outputs, proto.FloatAttr("epsilon", eps))
		return [][]int{s}, nil
	}
	last, normal := e.fresh(n.Outputs[0]+"/last"), e.fresh(n.Outputs[0]+"/normal")
	e.put(n.Name+"/last", "Transpose", n.Inputs, []string{last}, proto.IntsAttr("perm", 0, 2, 3, 1))
	e.put(n.Name+"/norm", "LayerNormalization", append([]string{last}, in...), []string{normal}, proto.FloatAttr("epsilon", eps))
	e.put(n.Name, "Transpose", []string{normal}, n.Outputs, proto.IntsAttr("perm", 0, 3, 1, 2))
	return [][]int{s}, nil
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
