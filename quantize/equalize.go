package quantize

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// equalize gives the channels of a value that one convolution writes and one convolution
// reads nearly the same range, so that all of them use all of the value's 256 steps. What
// a channel is divided by goes into the weights of both sides, and the network computes
// the same. It changes seen with the values. (Nagel et al., arXiv 1906.04721, section
// 4.1, with the ranges of the activations in place of those of the weights before them.)
//
// It works where what lies between is nothing, or a ReLU: a limit above 0 would move.
func equalize(m *weights.Model, shapes map[string][]int, seen map[string]*spread, keep map[string]bool) {
	list := units(m, shapes, keep)
	reader := map[string]*unit{}
	reads := index(m).reads
	for _, u := range list {
		reader[u.Inputs[0]] = u
	}
	for _, u := range list {
		v := u.out[0]
		next := reader[v]
		if u.Op != weights.OpConv || u.residual != "" || !math.IsInf(float64(u.hi), 1) || u.lo != 0 && !math.IsInf(float64(u.lo), -1) ||
			reads[v] != 1 || next == nil || next.Op != weights.OpConv || keep[u.Name] || keep[next.Name] {
			continue
		}
		if u.raw == v && math.IsInf(float64(u.lo), -1) && pointwise(next.Node) {
			center(m, u, next, shapes[v], seen[v].mean)
			seen[v] = seen[v].less(seen[v].mean)
		}
		x := seen[v]
		range1 := make([]float64, len(x.lo))
		for c := range range1 {
			range1[c] = max(math.Abs(x.lo[c]), math.Abs(x.hi[c]))
		}
		by := factors(m, next, shapes[v], range1)
		if by == nil {
			continue
		}
		divide(m, u, next, shapes[v], by)
		seen[v] = x.divided(by)
		if raw := u.Outputs[0]; raw != v {
			seen[raw] = seen[raw].divided(by)
		}
	}
}

// pointwise: every output pixel comes from the input pixel at its place alone.
func pointwise(n *weights.Node) bool {
	ones := func(v []int) bool { return !slices.ContainsFunc(v, func(x int) bool { return x != 1 }) }
	return ones(n.Attr("kernel")) && !slices.ContainsFunc(n.Attr("pad", 0), func(x int) bool { return x != 0 })
}

// center takes each channel's mean out of what u writes, and puts what next makes of it
// into next's bias: a channel whose mean is far from 0 would else need a range that
// reaches there. (Nagel et al., arXiv 1906.04721, section 4.1.3.)
func center(m *weights.Model, u, next *unit, shape []int, mean []float64) {
	b := ownBias(m, u.Node)
	for c := range b.Data {
		b.Data[c] = float32(float64(b.Data[c]) - mean[c])
	}
	b = ownBias(m, next.Node)
	w := m.Tensor(next.Tensors["weight"])
	sums := make([]float64, len(b.Data))
	for i, v := range w.Data {
		o := i / w.Shape[1]
		sums[o] += float64(v) * mean[inputChannel(next.Node, w, o, i%w.Shape[1])]
	}
	for o, s := range sums {
		b.Data[o] = float32(float64(b.Data[o]) + s)
	}
}

// ownBias is ownTensor for the bias, which is made if the node has none.
func ownBias(m *weights.Model, n *weights.Node) *weights.Tensor {
	if n.Tensors["bias"] == "" {
		o := m.Tensor(n.Tensors["weight"]).Shape[0]
		name := freshTensor(m, n.Name+".bias")
		m.Tensors = append(m.Tensors, weights.Tensor{Name: name, Shape: []int{o}, Data: make([]float32, o)})
		m.Sort()
		n.Tensors["bias"] = name
	}
	return ownTensor(m, n, "bias")
}

// less is what is seen of a value after each channel has been lowered.
func (x *spread) less(by []float64) *spread {
	y := &spread{slices.Clone(x.lo), slices.Clone(x.hi), slices.Clone(x.mean)}
	for c, f := range by {
		y.lo[c], y.hi[c], y.mean[c] = x.lo[c]-f, x.hi[c]-f, x.mean[c]-f
	}
	return y
}

func (x *spread) divided(by []float64) *spread {
	y := &spread{slices.Clone(x.lo), slices.Clone(x.hi), slices.Clone(x.mean)}
	for c, f := range by {
		y.lo[c], y.hi[c], y.mean[c] = x.lo[c]/f, x.hi[c]/f, x.mean[c]/f
	}
	return y
}

// factors returns what to divide each channel by; nil if there is nothing to be won.
func factors(m *weights.Model, next *unit, shape []int, reach []float64) []float64 {
	top := slices.Max(reach)
	if top == 0 {
		return nil
	}
	by := make([]float64, len(reach))
	if depthwise(next.Node, shape) { // whose channels have scales of their own
		for c, r := range reach {
			by[c] = max(r/top, 1.0/1024)
		}
		return by
	}
	// The weights that read the channel grow as it shrinks: half of each.
	column := columns(m, next, shape)
	most := 0.0
	for c, r := range reach {
		by[c] = 1
		if r > 0 && column[c] > 0 {
			by[c] = math.Sqrt(r / column[c])
		}
		most = max(most, by[c])
	}
	for c := range by {
		by[c] = max(by[c]/most, 1.0/64)
	}
	return by
}

// columns returns the largest weight that reads each channel.
func columns(m *weights.Model, u *unit, shape []int) []float64 {
	w := m.Tensor(u.Tensors["weight"])
	out := make([]float64, shape[0])
	taps := w.Shape[2] * w.Shape[3]
	for i, v := range w.Data {
		c := inputChannel(u.Node, w, i/(w.Shape[1]*taps), i/taps%w.Shape[1])
		out[c] = max(out[c], math.Abs(float64(v)))
	}
	return out
}

// inputChannel is the channel of the input that weight c of output channel o multiplies.
func inputChannel(n *weights.Node, w *weights.Tensor, o, c int) int {
	groups := n.Attr("groups", 1)[0]
	return o/(w.Shape[0]/groups)*w.Shape[1] + c
}

// divide divides what u writes, channel by channel, and multiplies what next does with it.
func divide(m *weights.Model, u, next *unit, shape []int, by []float64) {
	w := ownTensor(m, u.Node, "weight")
	per := len(w.Data) / w.Shape[0]
	for i := range w.Data {
		w.Data[i] = float32(float64(w.Data[i]) / by[i/per])
	}
	if u.Tensors["bias"] != "" {
		b := ownTensor(m, u.Node, "bias")
		for i := range b.Data {
			b.Data[i] = float32(float64(b.Data[i]) / by[i])
		}
	}
	w = ownTensor(m, next.Node, "weight")
	taps := w.Shape[2] * w.Shape[3]
	for i := range w.Data {
		c := inputChannel(next.Node, w, i/(w.Shape[1]*taps), i/taps%w.Shape[1])
		w.Data[i] = float32(float64(w.Data[i]) * by[c])
	}
}

// ownTensor returns the tensor that a node has for a role, which no other node shares:
// a copy, if one does.
func ownTensor(m *weights.Model, n *weights.Node, role string) *weights.Tensor {
	name, users := n.Tensors[role], 0
	for i := range m.Graph.Nodes {
		for _, t := range m.Graph.Nodes[i].Tensors {
			if t == name {
				users++
			}
		}
	}
	t := m.Tensor(name)
	if users > 1 {
		c := *t
		c.Name = freshTensor(m, name)
		c.Data = slices.Clone(t.Data)
		m.Tensors = append(m.Tensors, c)
		m.Sort()
		n.Tensors[role] = c.Name
		t = m.Tensor(c.Name)
	}
	return t
}

func freshTensor(m *weights.Model, name string) string {
	for m.Tensor(name) != nil {
		name += "'"
	}
	return name
}

// copyTensors gives m tensors and nodes that may be changed.
func copyTensors(m *weights.Model) {
	m.Tensors = slices.Clone(m.Tensors)
	for i := range m.Tensors {
		m.Tensors[i].Data = slices.Clone(m.Tensors[i].Data)
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		t := map[string]string{}
		for role, name := range n.Tensors {
			t[role] = name
		}
		n.Tensors = t
	}
}
