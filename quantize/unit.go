package quantize

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// unit is one or more nodes that become one quantized operator: what computes, a sum
// behind it, a limit behind that.
type unit struct {
	*weights.Node          // what computes, as the float32 network has it
	residual      string   // the value that is added; "": none
	lo, hi        float32  // the limit; infinite: none
	out           []string // the values that the unit makes
	raw           string   // out[0] before the limit
}

// units groups the nodes of a tidy model, in the order in which they run.
func units(m *weights.Model, shapes map[string][]int, keep map[string]bool) []*unit {
	g := index(m)
	readers := map[string]int{} // the node that reads a value last
	for i := range m.Graph.Nodes {
		for _, v := range m.Graph.Nodes[i].Inputs {
			readers[v] = i
		}
	}
	order := map[string]int{} // of a value: when it is there
	gone := map[int]bool{}
	var list []*unit
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if gone[i] {
			continue
		}
		u := &unit{Node: n, lo: float32(math.Inf(-1)), hi: float32(math.Inf(1)), out: slices.Clone(n.Outputs)}
		list = append(list, u)
		// next is the one node behind u, if u's result goes there alone.
		next := func() (int, *weights.Node) {
			v := u.out[0]
			if g.reads[v] != 1 || slices.Contains(m.Graph.Outputs, v) {
				return 0, nil
			}
			k := readers[v]
			if keep[m.Graph.Nodes[k].Name] {
				return 0, nil
			}
			return k, &m.Graph.Nodes[k]
		}
		if absorbsSum(u, shapes) && !keep[n.Name] {
			if k, add := next(); add != nil && add.Op == weights.OpAdd && len(add.Inputs) == 2 {
				other := add.Inputs[0]
				if other == u.out[0] {
					other = add.Inputs[1]
				}
				at, there := order[other]
				if _, made := g.producer[other]; (!made || there && at < len(list)-1) && slices.Equal(shapes[other], shapes[u.out[0]]) {
					u.residual, u.out[0], gone[k] = other, add.Outputs[0], true
				}
			}
		}
		u.raw = u.out[0]
		if absorbsLimit(u, shapes) && !keep[n.Name] {
			for {
				k, act := next()
				if act == nil || !clamps(act.Op) {
					break
				}
				lo, hi := limits(m, act)
				if lo > u.hi || hi < u.lo { // an empty range: rare, and left alone
					break
				}
				u.lo, u.hi = max(u.lo, lo), min(u.hi, hi)
				u.out[0], gone[k] = act.Outputs[0], true
			}
		}
		for _, v := range u.out {
			order[v] = len(list) - 1
		}
	}
	return list
}

// limits are those of a node that clamps.
func limits(m *weights.Model, n *weights.Node) (lo, hi float32) {
	lo, hi = float32(math.Inf(-1)), float32(math.Inf(1))
	switch n.Op {
	case weights.OpReLU:
		lo = 0
	case weights.OpReLU6:
		lo, hi = 0, 6
	case weights.OpClip:
		if t := m.Tensor(n.Tensors["min"]); t != nil {
			lo = t.Data[0]
		}
		if t := m.Tensor(n.Tensors["max"]); t != nil {
			hi = t.Data[0]
		}
	}
	return lo, hi
}

// absorbsSum: a convolution whose kernel adds a second value, which those of one input
// channel a group do not.
func absorbsSum(u *unit, shapes map[string][]int) bool {
	if u.Op != weights.OpConv {
		return false
	}
	in, out := shapes[u.Inputs[0]], shapes[u.Outputs[0]]
	return !depthwise(u.Node, in) && out[1]*out[2]*in[1]*in[2] > 1
}

// depthwise: each group of a convolution has one input channel.
func depthwise(n *weights.Node, in []int) bool {
	k := n.Attr("kernel")
	return n.Attr("groups", 1)[0] == in[0] && k[0]*k[1] > 1
}

// absorbsLimit: what becomes a quantized operator that has the attribute clamp. What stays
// float32 leaves the limit to a node of its own.
func absorbsLimit(u *unit, shapes map[string][]int) bool {
	switch u.Op {
	case weights.OpConv, weights.OpLinear, weights.OpStaticDynamicShuffle, weights.OpAdd, weights.OpMul:
		return kindOf(u, shapes) != stays
	}
	return false
}
