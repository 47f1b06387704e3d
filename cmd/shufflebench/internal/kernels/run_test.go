package kernels

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/engine"
)

// Every shape of the plan's convolutions is timed, with one variant that the plan
// chose, and the shapes' uses add up to the plan's steps.
func TestRun(t *testing.T) {
	n, err := network.FromArch("shufflenetv1:0.25x@32,g=2")
	if err != nil {
		t.Fatal(err)
	}
	for _, isa := range engine.Sets() {
		m, err := engine.New(n.Model, engine.WithISA(isa), engine.WithThreads(1))
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, st := range m.Steps() {
			if st.Kind == "gemm" || st.Kind == "depthwise" {
				want++
			}
		}
		m.Close()
		rows, _, err := run(context.Background(), n.Model, isa, 20*time.Microsecond)
		if err != nil {
			t.Fatal(err)
		}
		uses, chosen, shapes := 0, 0, map[string]bool{}
		for _, r := range rows {
			if r.NS <= 0 || r.Min <= 0 || r.GFLOPS <= 0 {
				t.Errorf("%s: got %+v", isa, r)
			}
			if r.Chosen {
				uses, chosen = uses+r.Uses, chosen+1
			}
			shapes[r.Shape] = true
		}
		if uses != want || chosen != len(shapes) {
			t.Errorf("%s: got %d uses of %d shapes, %d of them chosen, want %d uses, each shape chosen once", isa, uses, len(shapes), chosen, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Run(ctx, n.Model, "generic"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
