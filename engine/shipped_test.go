package engine

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/internal/golden"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// Every model that ships, on this project's own pictures, against PyTorch on
// the same file (train/golden_models.py): the permutations, but for decisions
// by a hair; the logits with PyTorch's permutations, within the bound; the class.
func TestShippedModels(t *testing.T) {
	for _, name := range zoo.Names() {
		t.Run(name, func(t *testing.T) {
			m, err := zoo.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			arrays, _ := readGolden(t, filepath.Join("..", "testdata", "models", name+".safetensors"))
			pixels, logits := arrays["pixels"], arrays["logits"]
			n, classes := pixels.Shape[0], logits.Shape[1]
			plane := pixels.Shape[2] * pixels.Shape[3]
			if testing.Short() { // a second a picture, where a processor is emulated
				n = min(n, 4)
			}
			in := make([]float32, len(pixels.Data))
			for i, v := range pixels.Data {
				c := i / plane % 3
				in[i] = (float32(v)/255 - float32(m.Preprocess.Mean[c])) / float32(m.Preprocess.Std[c])
			}
			forEachSet(t, func(t *testing.T, isa string) {
				for _, threads := range []int{1, 2} {
					e := mustNew(t, m, WithISA(isa), WithThreads(threads))
					s, err := e.NewSession()
					if err != nil {
						t.Fatal(err)
					}
					defer s.Close()
					out, bound := make([]float32, e.plan.OutLen), shippedBound(e)
					for i := range n {
						x := in[i*e.plan.InLen:][:e.plan.InLen]
						if err := s.Run(context.Background(), out, x); err != nil {
							t.Fatal(err)
						}
						theirs := s.Permutations()
						if routed(t, arrays, theirs, i) && arrays["margin"].Data[i] >= 1e-4 {
							t.Errorf("picture %d: other permutations than PyTorch's, margin %.3g", i, arrays["margin"].Data[i])
						}
						if err := s.Inject(theirs); err != nil {
							t.Fatal(err)
						}
						if err := s.Run(context.Background(), out, x); err != nil {
							t.Fatal(err)
						}
						if err := s.Inject(nil); err != nil {
							t.Fatal(err)
						}
						checkLogits(t, i, out, logits.Data[i*classes:][:classes], bound)
					}
				}
			})
		})
	}
}

// routed replaces the permutations by PyTorch's for picture i, and tells
// whether any was another one.
func routed(t *testing.T, arrays map[string]*golden.Array, perms []Permutation, i int) (differ bool) {
	t.Helper()
	for k := range perms {
		p := &perms[k]
		row := sampleOf(arrays[fmt.Sprintf("routes.%d", k)], i)
		if len(row) != p.Pairs*(p.A+p.B) {
			t.Fatalf("%s: got %d values in the golden file, want %d pairs of %d and %d", p.Node, len(row), p.Pairs, p.A, p.B)
		}
		for pair := range p.Pairs {
			for j, v := range row[pair*(p.A+p.B):][:p.A+p.B] {
				at := p.Sigma[pair*p.A:]
				if j >= p.A {
					at, j = p.Tau[pair*p.B:], j-p.A
				}
				differ = differ || at[j] != int32(v)
				at[j] = int32(v)
			}
		}
	}
	return differ
}

// shippedBound is the error that a network's layers may make, two roundings a
// term of the longest sum, growing with the square root of their number.
func shippedBound(e *Model) float64 {
	layers, longest := 0, 1.0
	for _, n := range e.info.Nodes {
		if n.MACs > 0 {
			layers++
			longest = max(longest, float64(n.MACs)/float64(graph.Shape(n.Outputs[0]).Elems()))
		}
	}
	return float64(layers) * math.Sqrt(2*longest) * 0x1p-24
}

// checkLogits compares one picture's outputs, as a share of the largest.
func checkLogits(t *testing.T, i int, got []float32, want []float64, bound float64) {
	t.Helper()
	largest, best, own := 0.0, 0, 0
	for k, v := range want {
		largest = max(largest, math.Abs(v))
		if v > want[best] {
			best = k
		}
		if got[k] > got[own] {
			own = k
		}
	}
	if own != best {
		t.Errorf("picture %d: got class %d, want %d", i, own, best)
	}
	for k, v := range want {
		if e := math.Abs(float64(got[k])-v) / largest; !(e <= bound) {
			t.Errorf("picture %d, class %d: got %v, want %v within %.3g of %v", i, k, got[k], v, bound, largest)
		}
	}
}

// Usual permutations are what the file says; what is none is refused.
func TestUsual(t *testing.T) {
	m := build(t, "shufflenetv2:0.5x@32,shuffle=dynamic")
	if got := mustNew(t, m).Usual(); got != nil {
		t.Fatalf("got %v of a file that says nothing", got)
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		f := n.Attrs["factors"]
		if f == nil {
			continue
		}
		good := append(slices.Repeat([]int{0}, f[0]), slices.Repeat([]int{0}, f[1])...)
		for k := range good { // both reversed
			good[k] = f[0] - 1 - k
			if k >= f[0] {
				good[k] = f[1] - 1 - (k - f[0])
			}
		}
		for _, bad := range [][]int{{}, good[1:], append(slices.Clone(good[1:]), good[1]), append(slices.Clone(good[1:]), f[1])} {
			n.Attrs["usual"] = bad
			if _, err := New(m); err == nil {
				t.Errorf("usual %v: got no error", bad)
			}
		}
		n.Attrs["usual"] = good
		usual := mustNew(t, m).Usual()
		if len(usual) != 1 || usual[0].Node != n.Name || usual[0].Sigma[0] != int32(f[0]-1) || usual[0].Tau[0] != int32(f[1]-1) {
			t.Fatalf("got %v", usual)
		}
		static := usual[0].Static()
		// A pair (r, q) stays where both reversals keep it: never, as both factors are even.
		if c := usual[0].Groups * f[0] * f[1]; usual[0].Differ(&static) != c || usual[0].Differ(&usual[0]) != 0 {
			t.Errorf("got %d channels elsewhere, want all %d", usual[0].Differ(&static), c)
		}
		return
	}
	t.Fatal("no dynamic node")
}
