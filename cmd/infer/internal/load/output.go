package load

import (
	"fmt"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// ChooseOutput makes the value called name, or the first output of the node called
// name, the only output of m. What no output needs any more is dropped. The labels
// are dropped too, unless the value was the first output before.
func ChooseOutput(m *weights.Model, name string) error {
	value, err := ValueOf(m, name)
	if err != nil {
		return err
	}
	if len(m.Graph.Outputs) == 0 || m.Graph.Outputs[0] != value {
		m.Labels = nil
	}
	m.Graph.Outputs = []string{value}
	prune(m)
	return nil
}

// ValueOf finds a value by its own name or by that of the node that writes it first.
func ValueOf(m *weights.Model, name string) (string, error) {
	var nodes []string
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if slices.Contains(n.Outputs, name) {
			return name, nil
		}
		if n.Name == name && len(n.Outputs) > 0 {
			nodes = append(nodes, n.Outputs[0])
		}
	}
	if len(nodes) == 0 {
		return "", cli.Usagef("-output: got %q, want an output (%s), or a value or node that infer inspect lists",
			name, strings.Join(m.Graph.Outputs, ", "))
	}
	return nodes[0], nil
}

// prune drops the nodes that no output needs, and the tensors that no node has.
func prune(m *weights.Model) {
	needed := map[string]bool{}
	for _, v := range m.Graph.Outputs {
		needed[v] = true
	}
	var nodes []weights.Node
	tensors := map[string]bool{}
	for i := len(m.Graph.Nodes) - 1; i >= 0; i-- { // users stand behind
		n := m.Graph.Nodes[i]
		if !slices.ContainsFunc(n.Outputs, func(v string) bool { return needed[v] }) {
			continue
		}
		nodes = append(nodes, n)
		for _, v := range n.Inputs {
			needed[v] = true
		}
		for _, t := range n.Tensors {
			tensors[t] = true
		}
	}
	slices.Reverse(nodes)
	m.Graph.Nodes = nodes
	m.Tensors = slices.DeleteFunc(m.Tensors, func(t weights.Tensor) bool { return !tensors[t.Name] })
}

// CheckClasses tells whether a model's first output can be read as the scores of
// classes. A feature map cannot. Where the model has no labels, neither can an
// embedding: an output from which layers with weights compute another one.
func CheckClasses(m *weights.Model, info *engine.Info) error {
	first := info.Outputs[0]
	what := ""
	switch {
	case len(first.Shape) == 3 && first.Shape[1]*first.Shape[2] > 1:
		what = "a feature map"
	case len(m.Labels) == 0 && feedsAnother(m, info):
		what = "what another output is computed from"
	default:
		return nil
	}
	var list []string
	for _, o := range info.Outputs {
		list = append(list, fmt.Sprintf("%s (%s)", o.Name, units.Dims(o.Shape)))
	}
	return fmt.Errorf("the first output, %s, is %s, not scores of classes; choose one with -output NAME: the outputs are %s",
		first.Name, what, strings.Join(list, ", "))
}

// feedsAnother tells whether layers that multiply lead from the first output to another.
func feedsAnother(m *weights.Model, info *engine.Info) bool {
	const reached, behind = 1, 2
	state := map[string]int{m.Graph.Outputs[0]: reached}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		s := 0
		for _, v := range n.Inputs {
			s = max(s, state[v])
		}
		if s == reached && info.Nodes[i].MACs > 0 {
			s = behind
		}
		for _, v := range n.Outputs {
			state[v] = max(state[v], s)
		}
	}
	return slices.ContainsFunc(m.Graph.Outputs[1:], func(v string) bool { return state[v] == behind })
}
