package engine

import (
	"errors"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/graph"
)

// Every value of a network as an output: each is what it is as the only one
// besides the model's own, the model's own keep their place and their bits (up
// to what fusing rounds), and nothing is doubled.
func TestWithOutputs(t *testing.T) {
	m := build(t, "shufflenetv2:0.5x@32,shuffle=dynamic")
	own := m.Graph.Outputs[0]
	var all []string
	for i := range m.Graph.Nodes {
		all = append(all, m.Graph.Nodes[i].Outputs...)
	}
	forEachSet(t, func(t *testing.T, isa string) {
		plain := mustNew(t, m, WithISA(isa))
		in := randomInput(plain.plan.InLen, 3)
		want := runAll(t, plain, in)
		every := mustNew(t, m, WithISA(isa), WithOutputs(all...))
		info := every.Info()
		if len(info.Outputs) != len(all) || info.Outputs[0].Name != own {
			t.Fatalf("got %d outputs, the first %s; want %d, the first %s", len(info.Outputs), info.Outputs[0].Name, len(all), own)
		}
		out := runAll(t, every, in)
		if e := relError(out[:len(want)], float64s(want)); e > 1e-4 {
			t.Errorf("the model's own output is off by %.3g", e)
		}
		at := 0
		for k, o := range info.Outputs {
			n := graph.Shape(o.Shape).Elems()
			if k%17 == 1 { // one in so many by itself
				one := mustNew(t, m, WithISA(isa), WithOutputs(o.Name, own, o.Name))
				got := runAll(t, one, in)
				if len(got) != len(want)+n {
					t.Fatalf("%s: got %d values, want %d", o.Name, len(got), len(want)+n)
				}
				if e := relError(got[len(want):], float64s(out[at:at+n])); e > 1e-4 {
					t.Errorf("%s: by itself off by %.3g", o.Name, e)
				}
			}
			at += n
		}
	})
	// A node's name will do, and changes nothing in the caller's model.
	node := &m.Graph.Nodes[5]
	before := slices.Clone(m.Graph.Outputs)
	if info := mustNew(t, m, WithOutputs(node.Name)).Info(); info.Outputs[1].Name != node.Outputs[0] {
		t.Errorf("got output %s for node %s, want %s", info.Outputs[1].Name, node.Name, node.Outputs[0])
	}
	if !slices.Equal(before, m.Graph.Outputs) {
		t.Error("the caller's model has other outputs now")
	}
	var e *ModelError
	if _, err := New(m, WithOutputs("nobody")); !errors.As(err, &e) || e.Node != "output nobody" {
		t.Errorf("got %v", err)
	}
}

func float64s(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
