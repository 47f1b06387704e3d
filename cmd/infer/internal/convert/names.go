package convert

import (
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// shorten gives the nodes, values and tensors of m shorter names. PyTorch's
// exporter names a node by every module around it, each with its parents' names
// again ("/stage2/stage2.0/branch1/branch1.0/Conv" for stage2.0.branch1.0), its
// value by the node and its tensors too: a tenth of a small model's file.
//
// A node is called by the parts of its name that no later part repeats, without
// the operator where that is unique; its only output is called as it is; a tensor
// that one node has, by the node and the role. Names of inputs and outputs stay.
func shorten(m *weights.Model) {
	nodes := m.Graph.Nodes
	named, users := map[string]int{}, map[string]int{}
	for i := range nodes {
		named[modules(nodes[i].Name, true)]++
		for _, t := range nodes[i].Tensors {
			users[t]++
		}
	}
	keep := map[string]bool{}
	for _, v := range m.Graph.Inputs {
		keep[v.Name] = true
	}
	for _, v := range m.Graph.Outputs {
		keep[v] = true
	}

	nodeNames, values, tensors := newNames(nil), newNames(keep), newNames(nil)
	value, tensor := map[string]string{}, map[string]string{}
	for i := range nodes {
		n := &nodes[i]
		name := modules(n.Name, true)
		if name == "" || named[name] > 1 {
			name = modules(n.Name, false)
		}
		n.Name = nodeNames.unique(name)
		for role, t := range n.Tensors {
			if users[t] == 1 {
				tensor[t] = tensors.unique(n.Name + "." + role)
			}
		}
		for k, v := range n.Outputs {
			switch {
			case keep[v]:
			case len(n.Outputs) == 1:
				value[v] = values.unique(n.Name)
			default:
				value[v] = values.unique(n.Name + "." + string(rune('a'+k%26)))
			}
		}
	}
	rename := func(names []string, to map[string]string) {
		for i, v := range names {
			if s, ok := to[v]; ok {
				names[i] = s
			}
		}
	}
	for i := range m.Tensors {
		t := &m.Tensors[i]
		if _, ok := tensor[t.Name]; !ok { // shared, or nobody's
			tensor[t.Name] = tensors.unique(modules(t.Name, false))
		}
		t.Name = tensor[t.Name]
	}
	for i := range nodes {
		n := &nodes[i]
		rename(n.Inputs, value)
		rename(n.Outputs, value)
		for role, t := range n.Tensors {
			n.Tensors[role] = tensor[t]
		}
	}
	m.Sort()
}

// modules is a name of PyTorch's exporter without the parts that the next one
// repeats, and without the operator behind them if bare.
func modules(name string, bare bool) string {
	parts := strings.Split(strings.TrimPrefix(name, "/"), "/")
	if bare && len(parts) > 1 {
		parts = parts[:len(parts)-1]
	}
	var kept []string
	for i, p := range parts {
		if i+1 == len(parts) || parts[i+1] != p && !strings.HasPrefix(parts[i+1], p+".") {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ".")
}

// names hands out names that are not in use.
type names struct{ used map[string]bool }

func newNames(used map[string]bool) *names {
	n := &names{map[string]bool{}}
	for k := range used {
		n.used[k] = true
	}
	return n
}

func (n *names) unique(name string) string {
	for n.used[name] || name == "" {
		name += "_"
	}
	n.used[name] = true
	return name
}
