package onnx_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// tables is a model of quantized planes that go through two tables, which are no function
// that ONNX has. The first one's results are read twice.
func tables(rng *rand.Rand) *weights.Model {
	m := &weights.Model{}
	g := &m.Graph
	g.Inputs = []weights.Value{{Name: "x", Shape: []int{3, 4, 5}}}
	node := func(op string, q *weights.Quant, tensors map[string]string, in ...string) string {
		n := weights.Node{Name: op + string(rune('a'+len(g.Nodes))), Op: op, Inputs: in, Tensors: tensors}
		n.Outputs = []string{n.Name}
		if q != nil {
			n.Quant = []weights.Quant{*q}
		}
		g.Nodes = append(g.Nodes, n)
		return n.Name
	}
	lookup := func(name string, q weights.Quant, x string) string {
		t := weights.Tensor{Name: name, DType: weights.Uint8, Shape: []int{256}, Bytes: make([]byte, 256)}
		for i := range t.Bytes {
			t.Bytes[i] = byte(rng.Uint32())
		}
		m.Tensors = append(m.Tensors, t)
		return node(weights.OpQLookup, &q, map[string]string{"table": name}, x)
	}
	a := lookup("table1", weights.Quant{Scale: 0.5, Zero: 7}, node(weights.OpQuantize, &weights.Quant{Scale: 0.02, Zero: 120}, nil, "x"))
	b := lookup("table2", weights.Quant{Scale: 0.25, Zero: 200}, a)
	g.Outputs = []string{node(weights.OpAdd, nil, nil, node(weights.OpDequantize, nil, nil, a), node(weights.OpDequantize, nil, nil, b))}
	return m
}

// A table is written as a Gather and read again: the same nodes, and the same results.
func TestTables(t *testing.T) {
	for seed := range uint64(5) {
		m := tables(rand.New(rand.NewPCG(seed, 1)))
		again := roundTrip(t, m)
		var ops []string
		for _, n := range again.Graph.Nodes {
			ops = append(ops, n.Op)
		}
		if want := []string{"quantize", "qlookup", "dequantize", "qlookup", "dequantize", "add"}; !slices.Equal(slices.Sorted(slices.Values(ops)), slices.Sorted(slices.Values(want))) {
			t.Fatalf("got the nodes %v, want %v", ops, want)
		}
		x := make([]float32, inputLen(m))
		if err := (noiseSamples{}).Read(int(seed), x); err != nil {
			t.Fatal(err)
		}
		if got, want := logits(t, again, x), logits(t, m, x); !slices.Equal(got, want) {
			t.Errorf("read again it computes %v, want %v", got, want)
		}
	}
}

// What is no such table is refused with its reason.
func TestNoTables(t *testing.T) {
	begin := func(zero int64) *file {
		f := image(13).tensor("s", float32Type, nil, 0.1).tensor("z", zero, nil, 0).tensor("u", uint8Type, nil, 0)
		return f.tensor("table", uint8Type, []int64{256}, make([]float64, 256)...).tensor("short", uint8Type, []int64{255}, make([]float64, 255)...).
			node("QuantizeLinear", "x s z", "q").node("Cast", "q", "i", attrInt("to", 6))
	}
	for name, f := range map[string]*file{
		"signed elements":        begin(int8Type).node("Gather", "table i", "g").node("DequantizeLinear", "g s u", "y").out("y"),
		"a short table":          begin(uint8Type).node("Gather", "short i", "g").node("DequantizeLinear", "g s u", "y").out("y"),
		"entries as a result":    begin(uint8Type).node("Gather", "table i", "y").out("y"),
		"numbers as a result":    begin(uint8Type).out("i"),
		"entries cast to floats": begin(uint8Type).node("Gather", "table i", "g").node("Cast", "g", "y", attrInt("to", 1)).out("y"),
		"numbers added":          begin(uint8Type).node("Add", "i i", "y").out("y"),
		"signed entries":         begin(uint8Type).node("Gather", "table i", "g").tensor("n", int8Type, nil, 0).node("DequantizeLinear", "g s n", "y").out("y"),
		"entries of an entry":    begin(uint8Type).node("Gather", "table i", "g").node("Gather", "table g", "y").out("y"),
	} {
		if _, err := onnx.Import(f.bytes()); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}
