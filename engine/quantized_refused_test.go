package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// quantizedOf is a network that quantizes its input and hands it to one node, with
// tensors of i8 for the roles weight and table, and of ones for all others.
func quantizedOf(op string, in []int, attrs map[string][]int, tensors map[string][]int, change func(m *weights.Model)) *weights.Model {
	q := []weights.Quant{{Scale: 0.5, Zero: 3}}
	n := weights.Node{Name: "n", Op: op, Inputs: []string{"q"}, Outputs: []string{"y"}, Attrs: attrs, Tensors: map[string]string{}, Quant: slices.Clone(q)}
	m := &weights.Model{Graph: weights.Graph{Inputs: []weights.Value{{Name: "x", Shape: in}}, Outputs: []string{"y"}}}
	for role, shape := range tensors {
		n.Tensors[role] = role
		t := weights.Tensor{Name: role, Shape: shape}
		switch role {
		case "weight":
			t.DType, t.Bytes = weights.Int8, slices.Repeat([]byte{127}, shape2(shape))
		case "table":
			t.DType, t.Bytes = weights.Uint8, make([]byte, shape2(shape))
		default:
			t.Data = slices.Repeat([]float32{1}, shape2(shape))
		}
		m.Tensors = append(m.Tensors, t)
	}
	m.Graph.Nodes = []weights.Node{{Name: "q", Op: weights.OpQuantize, Inputs: []string{"x"}, Outputs: []string{"q"}, Quant: q}, n}
	m.Sort()
	if change != nil {
		change(m)
	}
	return m
}

// A quantized operator refuses scales that mean nothing, sums that 32 bits do not hold,
// and values of the wrong type. The error names the node.
func TestQuantizedOperatorsRefuse(t *testing.T) {
	planes := []int{6, 5, 4}
	conv := func(change func(m *weights.Model)) *weights.Model {
		return quantizedOf(weights.OpQConv, planes, attrMap{"kernel": {3, 3}, "pad": {1, 1, 1, 1}}, tensorMap{"weight": {4, 6, 3, 3}, "scale": {4}, "bias": {4}}, change)
	}
	linear := func(n int, change func(m *weights.Model)) *weights.Model {
		return quantizedOf(weights.OpQLinear, []int{n}, nil, tensorMap{"weight": {2, n}, "scale": {2}}, change)
	}
	node := func(f func(n *weights.Node)) func(m *weights.Model) {
		return func(m *weights.Model) { f(&m.Graph.Nodes[1]) }
	}
	scale := func(v float32) func(m *weights.Model) {
		return func(m *weights.Model) { m.Tensor("scale").Data[1] = v }
	}
	for _, good := range []*weights.Model{
		conv(nil), linear(6, nil), conv(node(func(n *weights.Node) { n.Quant = nil })),
		linear(66_000, func(m *weights.Model) { m.Tensor("weight").Bytes = make([]byte, 132_000) }),
	} {
		mustNew(t, good)
	}
	for _, c := range []struct {
		name string
		m    *weights.Model
		want string
	}{
		{"a scale of zero", conv(scale(0)), "scale of output channel 1: got 0, want"},
		{"a negative scale", conv(scale(-1)), "scale of output channel 1: got -1, want"},
		{"a subnormal scale", conv(scale(1e-40)), "scale of output channel 1: got 1e-40, want"},
		{"a huge scale", linear(6, scale(1e30)), "scale of output channel 1: got 1e+30, want"},
		{"a scale that makes too much of a sum", conv(scale(1e12)), "scale of output channel 1: got results of up to"},
		{"more products than 32 bits hold", linear(67_000, nil), "sum of output channel 0: got up to"},
		{"a bias that 32 bits do not hold", conv(func(m *weights.Model) { m.Tensor("bias").Data[2] = 3e9 }), "sum of output channel 2: got up to 29999"},
		{"a clamp the wrong way round", conv(node(func(n *weights.Node) { n.Attrs["clamp"] = []int{9, 3} })), `attribute "clamp": got [9 3]`},
		{"a clamp out of range", conv(node(func(n *weights.Node) { n.Attrs["clamp"] = []int{0, 256} })), "want values in 0..255"},
		{"a clamp of a float32 result", conv(node(func(n *weights.Node) { n.Quant, n.Attrs["clamp"] = nil, []int{0, 9} })), "does not take"},
		{"float32 weights", conv(func(m *weights.Model) {
			w := m.Tensor("weight")
			w.DType, w.Data, w.Bytes = weights.Float32, make([]float32, len(w.Bytes)), nil
		}), "got elements of f32, want i8"},
		{"weights of u8", conv(func(m *weights.Model) { m.Tensor("weight").DType = weights.Uint8 }), "got elements of u8, want i8"},
		{"scales of i8", conv(func(m *weights.Model) {
			s := m.Tensor("scale")
			s.DType, s.Data, s.Bytes = weights.Int8, nil, make([]byte, 4)
		}), "got elements of i8, want f32 or f16"},
		{"an input of float32", conv(node(func(n *weights.Node) { n.Inputs[0] = "x" })), "got a plane of f32, want u8"},
		{"a second input of another shape", conv(node(func(n *weights.Node) { n.Inputs = []string{"q", "q"} })), "inputs: got shapes"},
		{"three inputs", conv(node(func(n *weights.Node) { n.Inputs = []string{"q", "q", "q"} })), "inputs: got shapes"},
		{"groups that divide nothing", conv(node(func(n *weights.Node) { n.Attrs["groups"] = []int{4} })), "groups: got 4"},
		{"no quant", quantizedOf(weights.OpQAdd, planes, nil, nil, node(func(n *weights.Node) { n.Quant, n.Inputs = nil, []string{"q", "q"} })), "quant is missing"},
		{"a quant that nobody asked for", quantizedOf(weights.OpMaxPool, planes, attrMap{"kernel": {2, 2}}, nil, nil), "does not take"},
		{"a float32 operator", quantizedOf(weights.OpReLU, planes, nil, nil, node(func(n *weights.Node) { n.Quant = nil })), "got a plane of u8, want f32"},
		{"a short table", quantizedOf(weights.OpQLookup, planes, nil, tensorMap{"table": {255}}, nil), "got shape [255], want [256]"},
		{"a factor for each pixel", quantizedOf(weights.OpQMul, planes, nil, nil, node(func(n *weights.Node) { n.Inputs = []string{"q", "x"} })), "second input: got shape [6x5x4], want [6x1x1]"},
		{"scales far apart", quantizedOf(weights.OpQAdd, planes, nil, nil, func(m *weights.Model) {
			m.Graph.Nodes[0].Quant[0].Scale, m.Graph.Nodes[1].Quant[0].Scale = 1e10, 1e-10
			m.Graph.Nodes[1].Inputs = []string{"q", "q"}
		}), "channel 0: got up to"},
	} {
		_, err := New(c.m)
		var me *ModelError
		if !errors.As(err, &me) || me.Node != "n" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a ModelError of node n that says %q", c.name, err, c.want)
		}
	}
}

// Planes that a dynamic shuffle may exchange have one scale and one zero point.
func TestExchangedPlanesHaveOneScale(t *testing.T) {
	quant := func(scale float32, zero int) weights.Node {
		return weights.Node{Op: weights.OpQuantize, Inputs: []string{"x"}, Quant: []weights.Quant{{Scale: scale, Zero: zero}}}
	}
	for _, c := range []struct {
		second weights.Node
		want   string
	}{{quant(0.5, 3), ""}, {quant(0.25, 3), "differ in scale or zero point"}, {quant(0.5, 4), "differ in scale or zero point"}} {
		a, b := quant(0.5, 3), c.second
		a.Name, a.Outputs, b.Name, b.Outputs = "a", []string{"a"}, "b", []string{"b"}
		m := network([]int{6, 3, 3}, []string{"y"}, []weights.Node{a, b,
			{Name: "c", Op: weights.OpConcat, Inputs: []string{"a", "b"}, Outputs: []string{"c"}},
			{Name: "n", Op: weights.OpDynamicShuffle, Inputs: []string{"c"}, Outputs: []string{"y"},
				Attrs:   attrMap{"groups": {2}, "factors": {3, 2}, "pairs": {1}},
				Tensors: map[string]string{"w1": "w1", "b1": "b1", "w2": "w2", "b2": "b2"}},
		}, filled("w1", 8, 12), filled("b1", 8), filled("w2", 13, 8), filled("b2", 13))
		_, err := New(m)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `node "n"`)) {
			t.Errorf("scales of %v: got %v, want %q", c.second.Quant, err, c.want)
		}
	}
}
