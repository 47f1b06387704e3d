package op

import (
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// binary is arithmetic on two values, or on a value and a constant. A dimension of 1
// goes with any length of the other's. A sum of two values of one shape is [add].
type binary struct {
	name   string
	op     kernel.BinaryOp
	value  *weights.Tensor // the second operand; nil: an input
	second graph.Shape     // its shape
}

var (
	addKind = binaryKind(weights.OpAdd, kernel.Sum)
	mulKind = binaryKind(weights.OpMul, kernel.Multiply)
	subKind = binaryKind(weights.OpSub, kernel.Subtract)
	divKind = binaryKind(weights.OpDiv, kernel.Divide)
	minKind = binaryKind(weights.OpMin, kernel.Minimum)
	maxKind = binaryKind(weights.OpMax, kernel.Maximum)
)

func binaryKind(name string, op kernel.BinaryOp) graph.Kind {
	return kind(name, 0, func(a *graph.Attrs, in []graph.Shape) (Operator, []graph.Shape) {
		n := &binary{name: name, op: op}
		if a.Names("value") {
			n.second = a.Peek("value", len(in[0]))
			if n.second == nil {
				a.Failf("tensor \"value\": got none of rank %d, want as many dimensions as the input %v", len(in[0]), in[0])
				return n, in[:1]
			}
			n.value = a.Tensor("value", n.second...)
			in = append(slices.Clone(in), n.second)
		}
		if len(in) != 2 {
			a.Failf("got %d inputs, want 2, or 1 and the tensor \"value\"", len(in))
			return n, in[:1]
		}
		n.second = in[1]
		out, ok := spread(in[0], in[1])
		if !ok {
			a.Failf("inputs: got shapes %v and %v, want each dimension equal, or 1 in one of them", in[0], in[1])
			return n, in[:1]
		}
		if op == kernel.Sum && n.value == nil && in[0].Equal(in[1]) {
			return add{}, in[:1]
		}
		return n, one(out)
	})
}

// spread is the shape that two shapes have together.
func spread(a, b graph.Shape) (graph.Shape, bool) {
	if len(a) != len(b) {
		return nil, false
	}
	out := slices.Clone(a)
	for i, d := range b {
		if out[i] == 1 {
			out[i] = d
		} else if d != 1 && d != out[i] {
			return nil, false
		}
	}
	return out, true
}

func (n *binary) Name() string                     { return n.name }
func (n *binary) MACs(in, out []graph.Shape) int64 { return 0 }

// NonNegative: a constant may be negative, and so may a difference.
func (n *binary) NonNegative(inputs bool) bool {
	return inputs && n.value == nil && n.op != kernel.Subtract
}

func (n *binary) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

// Scales: a product of planes and of one pixel for each.
func (n *binary) Scales(in []graph.Shape) (channels, factors int, ok bool) {
	if n.op != kernel.Multiply || n.value != nil || len(in[0]) != 3 || len(in[1]) != 3 || in[0][0] != in[1][0] {
		return 0, 0, false
	}
	for factors := range in {
		if s := in[factors]; s[1]*s[2] == 1 && in[1-factors][1]*in[1-factors][2] > 1 {
			return 1 - factors, factors, true
		}
	}
	return 0, 0, false
}

func (n *binary) Lower(b *plan.Builder, node *Node) ([]plan.Tensor, error) {
	out := node.OutShapes[0]
	_, pixels := out.Planes()
	x, y := node.In[0], plan.Tensor(nil)
	if n.value != nil {
		_, k := n.second.Planes()
		y = step.Constant(b, node.Label, n.value.Data, k)
	} else {
		y = node.In[1]
	}
	first, second := node.InShapes[0], n.second
	commutes := n.op != kernel.Subtract && n.op != kernel.Divide
	if _, k := first.Planes(); k == 1 && pixels > 1 && commutes {
		x, y, first, second = y, x, second, first
	}
	t := step.Binary{Label: node.Label, Op: n.op, Pixels: pixels, Act: node.Act}
	_, k := second.Planes()
	t.One = k == 1
	t.A, t.B = n.fit(b, node, x, first, out, false), n.fit(b, node, y, second, out, t.One)
	return one(t.Add(b)), nil
}

// fit makes x, of a shape, as large as out: in its pixels, unless they may stay one, and
// in its channels.
func (n *binary) fit(b *plan.Builder, node *Node, x plan.Tensor, s, out graph.Shape, one bool) plan.Tensor {
	if len(s) == 3 && !one && (s[1] != out[1] || s[2] != out[2]) {
		x = step.Spread(b, node.Label, x, s[1], s[2], out[1], out[2])
	}
	if s[0] == out[0] {
		return x
	}
	return slices.Repeat(x, out[0])
}
