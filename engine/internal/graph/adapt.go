package graph

import (
	"fmt"
	"maps"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/weights"
)

// Adapter changes the attributes of node n, its own copy, such that it does with inputs of
// the shapes is what it did with was. An error says why it cannot.
type Adapter func(n *weights.Node, was, is []Shape) error

// Adapt returns a copy of m for an input of h x w pixels. Nodes of which adapters, by
// operator, has one are adapted if the shapes of their inputs change; every other operator
// takes its shapes from its inputs. An error is an [Error] that names the node which is
// made for the size that m has.
func Adapt(m *weights.Model, kinds []Kind, adapters map[string]Adapter, meter *limit.Meter, h, w int) (*weights.Model, error) {
	g, err := Build(m, kinds, meter)
	if err != nil {
		return nil, err
	}
	in := g.Values[g.Input]
	if len(in.Shape) != 3 {
		return nil, &Error{Node: "input " + in.Name, Err: fmt.Errorf("got shape %v for a size of %dx%d, want [C H W]", in.Shape, h, w)}
	}
	was := make(map[string]Shape, len(g.Values))
	for _, v := range g.Values {
		was[v.Name] = v.Shape
	}
	out := *m
	out.Graph.Inputs = slices.Clone(m.Graph.Inputs)
	out.Graph.Inputs[0].Shape = []int{in.Shape[0], h, w}
	out.Graph.Nodes = slices.Clone(m.Graph.Nodes)
	b, err := newBuilder(&out, kinds, &limit.Meter{Limits: meter.Limits})
	if err != nil {
		return nil, err
	}
	for i := range out.Graph.Nodes {
		n := &out.Graph.Nodes[i]
		if err := b.adapt(n, adapters[n.Op], was); err != nil {
			return nil, &Error{Node: n.Name, Op: n.Op, Err: fmt.Errorf("is made for an input of %v, not of %dx%d: %w", in.Shape, h, w, err)}
		}
	}
	return &out, nil
}

// adapt adds node n, adapted to the shapes of its inputs.
func (b *builder) adapt(n *weights.Node, f Adapter, was map[string]Shape) error {
	var before, now []Shape
	same := true
	for _, name := range n.Inputs {
		s := b.g.Values[b.ids[name]].Shape
		before, now = append(before, was[name]), append(now, s)
		same = same && s.Equal(was[name])
	}
	if !same && f != nil {
		n.Attrs = maps.Clone(n.Attrs)
		if err := f(n, before, now); err != nil {
			return err
		}
	}
	return b.node(n)
}
