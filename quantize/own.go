package quantize

import (
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/weights"
)

// ownTensor returns the tensor that a node has for a role, which no other node shares:
// a copy, if one does. Pointers to other tensors of m are not good any more then.
func ownTensor(m *weights.Model, n *weights.Node, role string) *weights.Tensor {
	name, users := n.Tensors[role], 0
	for i := range m.Graph.Nodes {
		for _, t := range m.Graph.Nodes[i].Tensors {
			if t == name {
				users++
			}
		}
	}
	if users < 2 {
		return m.Tensor(name)
	}
	c := *m.Tensor(name)
	c.Name, c.Data = freshTensor(m, name), slices.Clone(c.Data)
	return add(m, n, role, c)
}

// ownBias is ownTensor for the bias, which is made if the node has none.
func ownBias(m *weights.Model, n *weights.Node) *weights.Tensor {
	if n.Tensors["bias"] != "" {
		return ownTensor(m, n, "bias")
	}
	o := m.Tensor(n.Tensors["weight"]).Shape[0]
	return add(m, n, "bias", weights.Tensor{Name: freshTensor(m, n.Name+".bias"), Shape: []int{o}, Data: make([]float32, o)})
}

// add gives m a tensor, and a node it for a role.
func add(m *weights.Model, n *weights.Node, role string, t weights.Tensor) *weights.Tensor {
	m.Tensors = append(m.Tensors, t)
	m.Sort()
	n.Tensors[role] = t.Name
	return m.Tensor(t.Name)
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
		t := maps.Clone(n.Tensors)
		if t == nil {
			t = map[string]string{}
		}
		n.Tensors = t
	}
}
