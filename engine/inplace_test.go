package engine

import (
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// A model that the engine read itself, whose weights are packed where they
// are, computes what one does whose tensors are the caller's; and those are not
// touched.
func TestPackedInPlace(t *testing.T) {
	for _, spec := range []string{
		"shufflenetv2:0.5x@32", "shufflenetv1:1x@32,g=3", "shufflenetv1:0.5x@48,g=8", "mobilenetv2:0.35x@32",
		"shufflenetv2:0.5x@32,pointwise=grouped", "shufflenetv2:0.5x@32,pointwise=kronecker,shuffle=dynamic",
	} {
		m := build(t, spec)
		b, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, isa := range Sets() {
			ours, err := LoadBytes(b, WithISA(isa), WithThreads(2))
			if err != nil {
				t.Fatal(err)
			}
			theirs := mustNew(t, m, WithISA(isa), WithThreads(2))
			in := randomInput(theirs.plan.InLen, 1)
			if got, want := runAll(t, ours, in), runAll(t, theirs, in); !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %v, want %v", spec, isa, got, want)
			}
			ours.Close()
			theirs.Close()
		}
		if after, err := m.Encode(); err != nil || !slices.Equal(after, b) {
			t.Errorf("%s: New changed the caller's tensors (%v)", spec, err)
		}
	}
}

// A tensor that two nodes name is packed twice, not once over the other.
func TestPackedInPlaceShared(t *testing.T) {
	w := make([]float32, 24*24)
	for i := range w {
		w[i] = float32(i%13) - 6
	}
	conv := func(name, in string) weights.Node {
		return weights.Node{Name: name, Op: weights.OpConv, Inputs: []string{in}, Outputs: []string{name},
			Attrs: map[string][]int{"kernel": {1, 1}}, Tensors: map[string]string{"weight": "w"}}
	}
	m := &weights.Model{
		Graph: weights.Graph{
			Inputs: []weights.Value{{Name: "x", Shape: []int{24, 5, 5}}}, Outputs: []string{"b"},
			Nodes: []weights.Node{conv("a", "x"), conv("b", "a")},
		},
		Tensors: []weights.Tensor{{Name: "w", Shape: []int{24, 24, 1, 1}, Data: w}},
	}
	b, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := LoadBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	theirs := mustNew(t, m)
	in := randomInput(24*25, 1)
	if got, want := runAll(t, ours, in), runAll(t, theirs, in); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got[:8], want[:8])
	}
}
