package quantize

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
)

// layer writes a convolution, a linear layer or a static-dynamic shuffle.
func (b *builder) layer(u *unit) {
	in := []string{b.byte(u.Inputs[0])}
	switch {
	case u.residual != "":
		in = append(in, b.byte(u.residual))
	case u.Op == weights.OpStaticDynamicShuffle:
		b.unify(in[0])
	}
	v := u.out[0]
	if b.wanted[v] || u.Op == weights.OpStaticDynamicShuffle {
		b.made(v)
		b.later = append(b.later, func() {
			n := b.layerNode(u, in)
			n.Quant = b.quantOf(v)
			b.clamp(&n, u)
			n.Outputs = []string{v}
			b.node(n)
		})
		return
	}
	// What reads the result is float32: the sums are its numbers.
	b.floats[v] = v
	b.later = append(b.later, func() {
		n := b.layerNode(u, in)
		if u.raw == v {
			n.Outputs = []string{v}
			b.node(n)
			return
		}
		raw := b.names.fresh(u.raw + "|raw")
		n.Outputs = []string{raw}
		b.node(n)
		b.node(b.limit(u, raw))
	})
}

// limit is a unit's limit as a node of float32.
func (b *builder) limit(u *unit, in string) weights.Node {
	n := weights.Node{Name: b.names.fresh(u.Name + "|clip"), Op: weights.OpClip, Inputs: []string{in}, Outputs: []string{u.out[0]}, Tensors: map[string]string{}}
	for role, v := range map[string]float32{"min": u.lo, "max": u.hi} {
		if !math.IsInf(float64(v), 0) {
			n.Tensors[role] = b.tensor(weights.Tensor{Name: n.Name + "." + role, Shape: []int{1}, Data: []float32{v}})
		}
	}
	return n
}

// clamp says which elements of a node's result there are, if not all.
func (b *builder) clamp(n *weights.Node, u *unit) {
	q := n.Quant[0]
	lo, hi := 0, 255
	at := func(f float32) int { return int(element.Code(float64(f), q)) }
	if !math.IsInf(float64(u.lo), 0) {
		lo = at(u.lo)
	}
	if !math.IsInf(float64(u.hi), 0) {
		hi = at(u.hi)
	}
	if lo == 0 && hi == 255 {
		return
	}
	attrs := map[string][]int{"clamp": {lo, hi}}
	for k, v := range n.Attrs {
		attrs[k] = v
	}
	n.Attrs = attrs
}

// layerNode is a unit's quantized node, without an output.
func (b *builder) layerNode(u *unit, in []string) weights.Node {
	w := b.m.Tensor(u.Tensors["weight"])
	l := layer{
		weight: w.Data, rows: w.Shape[0], quant: b.quants(in[0]),
		channel: func(row, at int) int { return at },
	}
	if !b.opts.NoBiasCorrection {
		l.mean = b.seen[u.Inputs[0]].mean
	}
	biasRole := "bias"
	n := weights.Node{Name: u.Name, Inputs: in, Attrs: lean(u.Attrs), Tensors: map[string]string{}}
	switch u.Op {
	case weights.OpConv:
		n.Op = weights.OpQConv
		taps := w.Shape[2] * w.Shape[3]
		l.channel = func(row, at int) int { return inputChannel(u.Node, w, row, at/taps) }
	case weights.OpLinear:
		n.Op = weights.OpQLinear
	case weights.OpStaticDynamicShuffle:
		n.Op, biasRole = weights.OpQStaticDynamicShuffle, "shift"
		groups := u.Attr("groups")[0]
		per := w.Shape[1]
		l.channel = func(row, at int) int { return row%groups*per + at }
		n.Tensors = b.tensorsOf(u.Node, "w1", "b1", "w2", "b2", "gate")
		if b.opts.HalfGenerators {
			b.halve(n.Tensors)
		}
		delete(n.Attrs, "form")
	}
	if t := b.m.Tensor(u.Tensors[biasRole]); t != nil {
		l.bias = t.Data
	}
	m := l.integers()
	n.Tensors["weight"] = b.tensor(weights.Tensor{Name: u.Name + ".w", DType: weights.Int8, Shape: w.Shape, Bytes: m.bytes})
	scale := weights.Tensor{Name: u.Name + ".s", Shape: []int{l.rows}, Data: m.scale}
	if !slices.ContainsFunc(m.scale, func(v float32) bool { return v < minHalf || v > maxHalf }) {
		scale = half(scale)
	}
	n.Tensors["scale"] = b.tensor(scale)
	bias := weights.Tensor{Name: u.Name + ".b", Shape: []int{l.rows}, Data: m.bias}
	if !slices.ContainsFunc(m.bias, func(v float32) bool { return math.Abs(float64(v)) > maxHalf }) {
		bias = half(bias)
	}
	n.Tensors[biasRole] = b.tensor(bias)
	return n
}

// lean leaves out attributes whose values are the defaults.
func lean(attrs map[string][]int) map[string][]int {
	out := map[string][]int{}
	for k, v := range attrs {
		switch k {
		case "dilation", "groups", "stride":
			if !slices.ContainsFunc(v, func(x int) bool { return x != 1 }) && !(k == "groups" && attrs["factors"] != nil) {
				continue
			}
		case "pad":
			if !slices.ContainsFunc(v, func(x int) bool { return x != 0 }) {
				continue
			}
		}
		out[k] = v
	}
	return out
}

// sum writes an addition of two values.
func (b *builder) sum(u *unit) {
	in := []string{b.byte(u.Inputs[0]), b.byte(u.Inputs[1])}
	b.simple(u, weights.OpQAdd, in)
}

// pool writes a mean over windows.
func (b *builder) pool(u *unit) { b.simple(u, weights.OpQAvgPool, []string{b.byte(u.Inputs[0])}) }

// scale writes a product of planes with a factor for each.
func (b *builder) scale(u *unit) {
	planes, factor := gated(u, b.shapes)
	b.simple(u, weights.OpQMul, []string{b.byte(planes), b.float(factor)})
}

// simple writes an operator that has no weights, with the attributes that there are.
func (b *builder) simple(u *unit, op string, in []string) {
	v := u.out[0]
	b.made(v)
	b.later = append(b.later, func() {
		n := weights.Node{Name: u.Name, Op: op, Inputs: in, Outputs: []string{v}, Attrs: lean(u.Attrs), Quant: b.quantOf(v)}
		b.clamp(&n, u)
		b.node(n)
	})
}
