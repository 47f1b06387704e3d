package engine

import (
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// outputs is what options ask for besides the model's own outputs.
type outputs struct {
	classes   string // the first; "": the model's own first
	more      []string
	embedding bool
}

// choose returns m, or a copy of it with the outputs that are asked for.
func (o *outputs) choose(m *weights.Model) (*weights.Model, error) {
	if o.classes == "" && len(o.more) == 0 && !o.embedding {
		return m, nil
	}
	find := finder(m)
	more := *m
	outs := slices.Clone(m.Graph.Outputs)
	if o.classes != "" {
		value, err := find(o.classes)
		if err != nil {
			return nil, err
		}
		if value != outs[0] {
			more.Labels = nil // they are the other output's
		}
		outs = slices.DeleteFunc(outs, func(v string) bool { return v == value })
		outs = slices.Insert(outs, 0, value)
	}
	for _, name := range o.more {
		value, err := find(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(outs, value) {
			outs = append(outs, value)
		}
	}
	if o.embedding {
		value := embedding(m, outs[0])
		if value == "" {
			return nil, &ModelError{Node: "output " + outs[0], Msg: "got no linear layer before it, want one whose input is the embedding"}
		}
		outs = append(outs, value) // once more, if it is one already
	}
	more.Graph.Outputs = outs
	return &more, nil
}

// finder returns a function that finds the value that a name means: a value's own, or
// a node's for its first output.
func finder(m *weights.Model) func(name string) (string, error) {
	values, nodes := map[string]bool{}, map[string]string{}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		nodes[n.Name] = n.Outputs[0]
		for _, v := range n.Outputs {
			values[v] = true
		}
	}
	return func(name string) (string, error) {
		switch {
		case values[name]:
			return name, nil
		case nodes[name] != "":
			return nodes[name], nil
		}
		return "", &ModelError{Node: "output " + name, Msg: "got a name that no value and no node has"}
	}
}

// embedding returns the value that the last linear layer before an output reads, of a
// layer of 8 bits the one before it was rounded for that; "" if there is none.
func embedding(m *weights.Model, output string) string {
	needed := map[string]bool{output: true}
	for i := len(m.Graph.Nodes) - 1; i >= 0; i-- {
		n := &m.Graph.Nodes[i]
		if !slices.ContainsFunc(n.Outputs, func(v string) bool { return needed[v] }) {
			continue
		}
		switch n.Op {
		case weights.OpLinear:
			return n.Inputs[0]
		case weights.OpQLinear:
			return beforeRounding(m, n.Inputs[0])
		}
		for _, v := range n.Inputs {
			needed[v] = true
		}
	}
	return ""
}

// beforeRounding returns what was rounded to get a value of 8 bits; the value itself if a
// layer wrote it in 8 bits.
func beforeRounding(m *weights.Model, value string) string {
	for i := range m.Graph.Nodes {
		if n := &m.Graph.Nodes[i]; n.Op == weights.OpQuantize && n.Outputs[0] == value {
			return n.Inputs[0]
		}
	}
	return value
}
