package weights

// deciding lists, for each operator, the roles of the tensors that decide something:
// a rounded value may change a choice, and with it the whole result, so these stay float32.
// An operator that is not listed has none.
var deciding = map[string][]string{
	OpDynamicShuffle:       {"w1", "b1", "w2", "b2"},
	OpStaticDynamicShuffle: {"w1", "b1", "w2", "b2"},
}

// ToFloat16 returns a model whose file is about half as large: weights of two
// or more dimensions become float16 and are rounded to what it can hold, so
// that the model in memory computes what the file's will. Vectors (biases,
// scales) stay float32, as do the generators of dynamic operators, whose
// decisions are discontinuous. Tensors that do not change are shared with m.
func (m *Model) ToFloat16() *Model {
	keep := map[string]bool{}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		for _, role := range deciding[n.Op] {
			keep[n.Tensors[role]] = true
		}
	}
	c := *m
	c.Tensors = append([]Tensor(nil), m.Tensors...)
	for i := range c.Tensors {
		t := &c.Tensors[i]
		if len(t.Shape) < 2 || keep[t.Name] || t.DType.Integer() {
			continue
		}
		t.DType = Float16
		data := make([]float32, len(t.Data))
		for k, v := range t.Data {
			data[k] = elementTypes[Float16].round(v)
		}
		t.Data = data
	}
	return &c
}
