package engine

import (
	"math/rand/v2"
	"testing"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// TestHalves: a large matrix that the file has in float16 stays so where the set takes
// it, and the outputs have the bits of the same values in float32, on any number of
// threads. A small matrix, one with rows that are no multiple of 8, and one whose values
// are not float16's after all become float32.
func TestHalves(t *testing.T) {
	const out = 600
	for _, c := range []struct {
		in    int
		dtype weights.Type
		exact bool // the values are float16's
		half  bool // wanted where the set takes it
	}{
		{512, weights.Float16, true, true},
		{512, weights.Float32, true, false},
		{512, weights.Float16, false, false},
		{509, weights.Float16, true, false},
		{64, weights.Float16, true, false},
	} {
		rng := rand.New(rand.NewPCG(1, uint64(c.in)))
		w, x := make([]float32, out*c.in), make([]float32, c.in)
		for i := range w {
			w[i] = float32(rng.IntN(4095)-2047) / 1024
		}
		if !c.exact {
			w[len(w)-1] = 1.0 / 3
		}
		for i := range x {
			x[i] = rng.Float32() - 0.5
		}
		model := func(dtype weights.Type) *weights.Model {
			m := &weights.Model{Name: "matrix"}
			m.Graph.Inputs = []weights.Value{{Name: "x", Shape: []int{c.in}}}
			m.Graph.Nodes = []weights.Node{{Name: "fc", Op: weights.OpLinear, Inputs: []string{"x"}, Outputs: []string{"y"}, Tensors: map[string]string{"weight": "w"}}}
			m.Graph.Outputs = []string{"y"}
			m.Tensors = []weights.Tensor{{Name: "w", DType: dtype, Shape: []int{out, c.in}, Data: w}}
			return m
		}
		for _, isa := range Sets() {
			set, err := kernel.Select(isa)
			if err != nil {
				t.Fatal(err)
			}
			want := runAll(t, mustNew(t, model(weights.Float32), WithISA(isa), WithThreads(1)), x)
			for threads := 1; threads <= 3; threads++ {
				m := mustNew(t, model(c.dtype), WithISA(isa), WithThreads(threads))
				if got := runAll(t, m, x); !sameBits(got, want) {
					t.Errorf("%s, %+v, %d threads: other bits than with float32", isa, c, threads)
				}
				kept := 0
				for _, s := range m.plan.Steps {
					if s.Runner.Describe().Kernel == "linear 600x512 of float16" {
						kept++
					}
				}
				if kept == 1 != (c.half && set.Halves) {
					t.Errorf("%s, %+v: %d matrices are in float16", isa, c, kept)
				}
			}
		}
	}
}
