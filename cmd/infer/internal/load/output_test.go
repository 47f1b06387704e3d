package load

import (
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// twoHeads is a network of a convolution, a pool and two linear layers behind it.
func twoHeads(outputs ...string) *weights.Model {
	tensor := func(name string, shape ...int) weights.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return weights.Tensor{Name: name, Shape: shape, Data: slices.Repeat([]float32{0.5}, n)}
	}
	node := func(name, op, in, out string, tensors map[string]string) weights.Node {
		return weights.Node{Name: name, Op: op, Inputs: []string{in}, Outputs: []string{out}, Tensors: tensors}
	}
	m := &weights.Model{
		Graph: weights.Graph{
			Inputs: []weights.Value{{Name: "x", Shape: []int{3, 8, 8}}},
			Nodes: []weights.Node{
				node("conv", weights.OpConv, "x", "map", map[string]string{"weight": "conv.w"}),
				node("gap", weights.OpGlobalAvgPool, "map", "mean", nil),
				node("flat", weights.OpFlatten, "mean", "features", nil),
				node("one", weights.OpLinear, "features", "a", map[string]string{"weight": "one.w"}),
				node("two", weights.OpLinear, "features", "b", map[string]string{"weight": "two.w"}),
				node("soft", weights.OpSoftmax, "a", "p", nil),
			},
			Outputs: outputs,
		},
		Tensors: []weights.Tensor{tensor("conv.w", 4, 3, 1, 1), tensor("one.w", 5, 4), tensor("two.w", 7, 4)},
	}
	m.Graph.Nodes[0].Attrs = map[string][]int{"kernel": {1, 1}}
	return m
}

// TestChooseOutput: what the output needs stays, and nothing else.
func TestChooseOutput(t *testing.T) {
	for _, c := range []struct {
		name, value, nodes, tensors string
	}{
		{"b", "b", "conv gap flat two", "conv.w two.w"},
		{"two", "b", "conv gap flat two", "conv.w two.w"}, // by the node
		{"p", "p", "conv gap flat one soft", "conv.w one.w"},
		{"map", "map", "conv", "conv.w"},
	} {
		m := twoHeads("a", "b")
		m.Labels = []string{"1", "2", "3", "4", "5"}
		if err := ChooseOutput(m, c.name); err != nil {
			t.Fatal(err)
		}
		var nodes, tensors []string
		for _, n := range m.Graph.Nodes {
			nodes = append(nodes, n.Name)
		}
		for _, x := range m.Tensors {
			tensors = append(tensors, x.Name)
		}
		if strings.Join(nodes, " ") != c.nodes || strings.Join(tensors, " ") != c.tensors || !slices.Equal(m.Graph.Outputs, []string{c.value}) || m.Labels != nil {
			t.Errorf("%s: got nodes %v, tensors %v, outputs %v, labels %v; want %s, %s, %s, none", c.name, nodes, tensors, m.Graph.Outputs, m.Labels, c.nodes, c.tensors, c.value)
		}
		e, err := engine.New(m)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		e.Close()
	}
	m := twoHeads("a", "b")
	m.Labels = []string{"1", "2", "3", "4", "5"}
	if err := ChooseOutput(m, "a"); err != nil || len(m.Labels) != 5 {
		t.Errorf("the first output: got %v, %d labels, want all", err, len(m.Labels))
	}
	if err := ChooseOutput(m, "x"); err == nil || !strings.Contains(err.Error(), `got "x", want an output (a)`) {
		t.Errorf("the input: got %v", err)
	}
}

func TestCheckClasses(t *testing.T) {
	for outputs, says := range map[string]string{
		"a": "", "a b": "", "b a p": "", "a p": "", "p": "", "features": "", "mean": "",
		"map": "is a feature map", "map a": "is a feature map",
		"features a": "is what another output is computed from", "mean p": "is what another output is computed from",
	} {
		m := twoHeads(strings.Fields(outputs)...)
		e, err := engine.New(m)
		if err != nil {
			t.Fatal(err)
		}
		info := e.Info()
		e.Close()
		if err := CheckClasses(m, &info); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", outputs, err, says)
		}
	}
	// Labels say that the first output holds classes.
	m := twoHeads("features", "a")
	m.Labels = []string{"1", "2", "3", "4"}
	e, err := engine.New(m)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if info := e.Info(); CheckClasses(m, &info) != nil {
		t.Errorf("got %v of an output with labels", CheckClasses(m, &info))
	}
}
