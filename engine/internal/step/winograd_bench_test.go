package step

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// dense is a plan of one 3x3 convolution of stride 1 from c to m channels of size x size
// pixels: by Winograd's algorithm with tiles of one of the sizes if that is faster by
// gain, or else by a GEMM over shifted planes.
func dense(set *kernel.Set, threads, c, m, size int, sizes []int, gain float64) (*plan.Plan, error) {
	most := int64(math.MaxInt64)
	b := plan.NewBuilder(set, threads, &limit.Meter{Limits: limit.Limits{Memory: most, Activations: most, Work: most, Nodes: most, Value: most}})
	win := Window{KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1, Top: 1, Left: 1, Bottom: 1, Right: 1}
	g := GEMM{Groups: 1, M: m, K: 9 * c, Weight: make([]float32, 9*c*m), Bias: make([]float32, m), Act: kernel.Clamped(0, float32(math.Inf(1)))}
	x := b.NewPlanes(weights.Float32, c, size*size)
	g.In = x
	w := &Winograd{Window: win, H: size, W: size, OH: size, OW: size}
	if w.pays(b, &g, sizes, gain) {
		w.Add(b, &g)
	} else {
		g.Read(b, g.Copies(b, win, x, c, size, size, size, size))
		g.Add(b, size*size)
	}
	return b.Finish()
}

// BenchmarkConv3x3 compares the ways to compute a 3x3 convolution of stride 1. They take
// turns; what is reported is the best run of each, in GFLOP/s of the direct form.
func BenchmarkConv3x3(b *testing.B) {
	set, err := kernel.Select("")
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range []struct{ c, m, size int }{
		{64, 64, 56}, {128, 128, 28}, {256, 256, 14}, {512, 512, 7}, // ResNet
		{64, 128, 112}, {128, 256, 56}, {256, 256, 56}, {256, 512, 28}, {512, 512, 28}, {512, 512, 14}, // VGG
		{16, 16, 56}, {16, 16, 32}, {32, 32, 56}, {32, 32, 16}, {48, 48, 14}, {16, 64, 55}, {48, 192, 27}, {64, 256, 13}, {32, 32, 8}, {96, 128, 14}, {128, 32, 28}, {128, 32, 7}, {3, 64, 224},
	} {
		b.Run(fmt.Sprintf("%dto%d@%d", s.c, s.m, s.size), func(b *testing.B) {
			ways := [][]int{nil, {2}, {4}}
			var plans []*plan.Plan
			var workers []plan.Worker
			for _, sizes := range ways {
				p, err := dense(set, 1, s.c, s.m, s.size, sizes, 1e-9)
				if err != nil {
					b.Fatal(err)
				}
				plans = append(plans, p)
				workers = append(workers, plan.NewWorker(p, plan.NewMemory(p)))
			}
			best := make([]time.Duration, len(ways))
			for b.Loop() {
				for i, p := range plans {
					begin := time.Now()
					for _, st := range p.Steps {
						st.Runner.Run(&workers[i], plan.Whole)
					}
					if d := time.Since(begin); best[i] == 0 || d < best[i] {
						best[i] = d
					}
				}
			}
			for i, name := range []string{"direct", "2x2", "4x4"} {
				b.ReportMetric(18*float64(s.c*s.m*s.size*s.size)/float64(best[i].Nanoseconds()), name+"-GFLOP/s")
			}
			p, err := dense(set, 1, s.c, s.m, s.size, []int{2, 4}, winogradGain)
			if err != nil {
				b.Fatal(err)
			}
			chosen := 0 // direct
			if w, ok := p.Steps[0].Runner.(*winogradStep); ok {
				chosen = w.size
			}
			b.ReportMetric(float64(chosen), "chosen")
		})
	}
}
