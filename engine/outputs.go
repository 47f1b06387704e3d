package engine

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// withOutputs returns m, or a copy of it that has more outputs.
func withOutputs(m *weights.Model, names []string) (*weights.Model, error) {
	if len(names) == 0 {
		return m, nil
	}
	values, nodes := map[string]bool{}, map[string]string{}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		nodes[n.Name] = n.Outputs[0]
		for _, v := range n.Outputs {
			values[v] = true
		}
	}
	more := *m
	more.Graph.Outputs = slices.Clone(m.Graph.Outputs)
	for _, name := range names {
		value := name
		if !values[name] {
			value = nodes[name]
		}
		if value == "" {
			return nil, &ModelError{Node: "output " + name, Msg: "got a name that no value and no node has"}
		}
		if !slices.Contains(more.Graph.Outputs, value) {
			more.Graph.Outputs = append(more.Graph.Outputs, value)
		}
	}
	return &more, nil
}
