package profile

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/engine"
)

func TestRun(t *testing.T) {
	n, err := network.FromArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.New(n.Model, engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	p, err := Run(context.Background(), m, n.Noise(1), 5*time.Millisecond, 100)
	if err != nil {
		t.Fatal(err)
	}
	ns, share, run, kinds := 0.0, 0.0, 0.0, 0
	for _, s := range p.Steps {
		ns, share, run = ns+s.NS, share+s.Share, run+s.RunNS
	}
	for _, k := range p.Kinds {
		kinds += k.Count
	}
	if len(p.Steps) != len(m.Steps()) || kinds != len(p.Steps) || math.Abs(share-1) > 1e-9 || math.Abs(ns-p.Total) > 1e-3 || run < ns/2 {
		t.Errorf("got %d steps, %d in kinds, shares of %v, %v ns of %v, %v in one run", len(p.Steps), kinds, share, ns, p.Total, run)
	}
}

// Steps are summed up by operator, convolutions by kernel too, the slowest first.
func TestSum(t *testing.T) {
	steps := []engine.Step{
		{Node: "a", Op: "conv", Kind: "gemm", MACs: 100, Bytes: 40},
		{Node: "b", Op: "conv", Kind: "depthwise", Implementation: "depthwise3x3s1_avx2", MACs: 50, Bytes: 100},
		{Node: "c", Op: "conv", Kind: "gemm", MACs: 300, Bytes: 40},
		{Node: "d", Op: "add", Kind: "add", Bytes: 8},
	}
	p := sum(steps, []float64{10, 60, 20, 10}, 50)
	if k := p.Kinds; p.Total != 100 || len(k) != 3 || k[0].Op != "conv (depthwise3x3s1_avx2)" || k[1].Op != "conv (gemm)" || k[2].Op != "add" {
		t.Fatalf("got %+v", p)
	}
	if k := p.Kinds[1]; k.Count != 2 || k.NS != 30 || k.Share != 0.3 || math.Abs(k.GFLOPS-800.0/30) > 1e-9 || math.Abs(k.PeakShare-800.0/30/50) > 1e-9 || k.Intensity != 10 {
		t.Errorf("got %+v", k)
	}
}

func TestMiddle(t *testing.T) {
	for want, x := range map[int][]float64{0: {5}, 2: {9, 1, 4, 3, 7}, 1: {9, 2, 1, 4}} {
		if got := middle(x); got != want {
			t.Errorf("%v: got %d, want %d, the lower median's place", x, got, want)
		}
	}
}
