package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// MaxPlanes bounds the channels of all values together, since a plan's tables
// take some bytes for each: a few hundred MiB at worst, from a file of any size.
const MaxPlanes = 1 << 23

// Build checks what m means: every operator is among kinds, every attribute and
// tensor is there and of the right size, every shape follows from those before it.
// maxElems bounds the elements of one value. m's structure has been checked
// (weights.Model.Check). An error is an [Error].
func Build(m *weights.Model, kinds []Kind, maxElems int) (*Graph, error) {
	b := &builder{model: m, kinds: map[string]Kind{}, ids: map[string]int{}, maxElems: maxElems, g: &Graph{}}
	for _, k := range kinds {
		b.kinds[k.Name] = k
	}
	if err := b.input(); err != nil {
		return nil, err
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if err := b.node(n); err != nil {
			return nil, &Error{Node: n.Name, Op: n.Op, Err: err}
		}
	}
	for _, name := range m.Graph.Outputs {
		id, ok := b.ids[name]
		if !ok {
			return nil, &Error{Node: "output " + name, Err: fmt.Errorf("no such value")}
		}
		b.g.Outputs = append(b.g.Outputs, id)
	}
	return b.g, nil
}

type builder struct {
	model    *weights.Model
	kinds    map[string]Kind
	ids      map[string]int // of values, by name
	planes   int            // of all values so far
	maxElems int
	g        *Graph
}

// value adds a value and returns its number.
func (b *builder) value(name string, s Shape) int {
	b.planes += s[0]
	id := len(b.g.Values)
	b.ids[name] = id
	b.g.Values = append(b.g.Values, Value{name, s})
	return id
}

func (b *builder) input() error {
	inputs := b.model.Graph.Inputs
	if n := len(inputs); n != 1 {
		return &Error{Node: "graph", Err: fmt.Errorf("got %d inputs, want 1", n)}
	}
	if err := Shape(inputs[0].Shape).check(b.maxElems); err != nil {
		return &Error{Node: "input " + inputs[0].Name, Err: err}
	}
	b.g.Input = b.value(inputs[0].Name, inputs[0].Shape)
	return nil
}

func (b *builder) node(wn *weights.Node) error {
	n := Node{Name: wn.Name, Residual: None}
	for _, name := range wn.Inputs {
		id, ok := b.ids[name]
		if !ok {
			return fmt.Errorf("input %q: no such value", name)
		}
		n.In = append(n.In, id)
	}
	kind, ok := b.kinds[wn.Op]
	if !ok {
		known := slices.Sorted(maps.Keys(b.kinds))
		return fmt.Errorf("unknown operator; known are %s", strings.Join(known, ", "))
	}
	if kind.Inputs > 0 && len(n.In) != kind.Inputs || len(n.In) < 1 {
		return fmt.Errorf("got %d inputs, want %d", len(n.In), max(1, kind.Inputs))
	}
	a := &Attrs{model: b.model, node: wn}
	var outs []Shape
	n.Op, outs = kind.Parse(a, b.g.Shapes(n.In))
	if err := a.finish(); err != nil {
		return err
	}
	if len(outs) != len(wn.Outputs) {
		return fmt.Errorf("got %d outputs, want %d", len(wn.Outputs), len(outs))
	}
	for k, s := range outs {
		if err := s.check(b.maxElems); err != nil {
			return fmt.Errorf("output %q: %w", wn.Outputs[k], err)
		}
		n.Out = append(n.Out, b.value(wn.Outputs[k], s))
	}
	if b.planes > MaxPlanes {
		return fmt.Errorf("channels: got more than %d in all values together, want fewer: %w", MaxPlanes, ErrLimit)
	}
	b.g.Nodes = append(b.g.Nodes, n)
	return nil
}
