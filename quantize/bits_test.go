package quantize

import (
	"context"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights"
)

// networks are quantized networks of all kinds.
func networks(t *testing.T) map[string]*weights.Model {
	specs := []string{"shufflenetv2:0.5x@32,shuffle=dynamic", "mobilenetv2@32"}
	if !testing.Short() {
		specs = append(specs, "shufflenetv1:0.5x@32,g=3", "shufflenetv2:1.0x@64,shuffle=static-dynamic", "mobilenetv1@32")
	}
	m := map[string]*weights.Model{}
	m["everything"], _ = quantized(t, everything(), Options{})
	for _, spec := range specs {
		m[spec], _ = quantized(t, built(t, spec), Options{})
	}
	return m
}

// A quantized network has the same bits on every instruction set, for any number of
// threads and any place in a batch.
func TestSameBits(t *testing.T) {
	for name, m := range networks(t) {
		var want []float32
		const batch = 5
		for _, isa := range engine.Sets() {
			for _, threads := range []int{1, 2, 5} {
				e := ready(t, m, engine.WithISA(isa), engine.WithThreads(threads))
				in := inputs(e, batch)
				if want == nil { // one by one
					for i := range batch {
						want = append(want, outputs(t, e, in[i*e.Info().InputLen():][:e.Info().InputLen()])...)
					}
				}
				got := outputs(t, e, in)
				if !slices.Equal(got, want) {
					t.Errorf("%s, %s, %d threads: other bits than %s, one sample at a time", name, isa, threads, engine.Sets()[0])
				}
				if alone := outputs(t, e, in[:e.Info().InputLen()]); !slices.Equal(alone, want[:len(alone)]) {
					t.Errorf("%s, %s, %d threads: a sample alone has other bits", name, isa, threads)
				}
			}
		}
	}
}

// A run of a quantized network allocates nothing.
func TestNoAllocations(t *testing.T) {
	for name, m := range networks(t) {
		e := ready(t, m, engine.WithThreads(1))
		s, err := e.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		in := inputs(e, 1)
		out := make([]float32, e.Info().OutputLen())
		got := testing.AllocsPerRun(3, func() {
			if err := s.Run(context.Background(), out, in); err != nil {
				t.Fatal(err)
			}
		})
		s.Close()
		if got != 0 {
			t.Errorf("%s: got %v allocations a run, want 0", name, got)
		}
	}
}

// The same arguments give the same file, and write(read(f)) is f.
func TestDeterministic(t *testing.T) {
	for _, method := range Methods {
		a, _ := quantized(t, everything(), Options{Method: method})
		b, _ := quantized(t, everything(), Options{Method: method})
		x, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if y, err := b.Encode(); err != nil || !slices.Equal(x, y) {
			t.Errorf("%s: a second time other bytes, or %v", method, err)
		}
		m, err := weights.Read(x)
		if err != nil {
			t.Fatal(err)
		}
		if y, err := m.Encode(); err != nil || !slices.Equal(x, y) {
			t.Errorf("%s: write(read(f)) is not f, or %v", method, err)
		}
	}
}
