package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/weights"
)

// planeBytes is what each channel of a value takes, in the graph and in the tables of
// a plan.
const planeBytes = 32

// Build checks what m means: every operator is among kinds, every attribute and
// tensor is there and of the right size, every shape follows from those before it.
// It counts nodes, values and weights against the meter's limits. m's structure has been checked (weights.Model.Check). An error is an [Error].
func Build(m *weights.Model, kinds []Kind, meter *limit.Meter) (*Graph, error) {
	b, err := newBuilder(m, kinds, meter)
	if err != nil {
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
	model *weights.Model
	kinds map[string]Kind
	ids   map[string]int // of values, by name
	meter *limit.Meter
	g     *Graph
}

// newBuilder returns a builder whose graph has m's input.
func newBuilder(m *weights.Model, kinds []Kind, meter *limit.Meter) (*builder, error) {
	b := &builder{model: m, kinds: map[string]Kind{}, ids: map[string]int{}, meter: meter, g: &Graph{}}
	for _, k := range kinds {
		b.kinds[k.Name] = k
	}
	return b, b.input()
}

// value adds a value and returns its number.
func (b *builder) value(name string, s Shape) (int, error) {
	if err := s.check(b.meter); err != nil {
		return 0, err
	}
	if err := b.meter.Memory(limit.Product(planeBytes, s[0])); err != nil {
		return 0, err
	}
	id := len(b.g.Values)
	b.ids[name] = id
	b.g.Values = append(b.g.Values, Value{name, s})
	return id, nil
}

func (b *builder) input() error {
	inputs := b.model.Graph.Inputs
	if n := len(inputs); n != 1 {
		return &Error{Node: "graph", Err: fmt.Errorf("got %d inputs, want 1", n)}
	}
	id, err := b.value(inputs[0].Name, inputs[0].Shape)
	if err != nil {
		return &Error{Node: "input " + inputs[0].Name, Err: err}
	}
	b.g.Input = id
	return nil
}

func (b *builder) node(wn *weights.Node) error {
	if err := b.meter.Node(); err != nil {
		return err
	}
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
		id, err := b.value(wn.Outputs[k], s)
		if err != nil {
			return fmt.Errorf("output %q: %w", wn.Outputs[k], err)
		}
		n.Out = append(n.Out, id)
	}
	for _, name := range wn.Tensors { // each node may pack its own
		if err := b.meter.Memory(4 * int64(b.model.Tensor(name).Len())); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
	}
	b.g.Nodes = append(b.g.Nodes, n)
	return nil
}
