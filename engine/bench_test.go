package engine

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// go test -bench Network ./engine
func BenchmarkNetwork(b *testing.B) {
	for _, spec := range []string{
		"shufflenetv2:1x@224", "shufflenetv2:0.5x@224", "shufflenetv1:1x@224,g=3", "shufflenetv1:1x@224,g=8",
		"mobilenetv2:1x@224", "shufflenetv2:0.5x@32", "shufflenetv2:0.5x@32,shuffle=dynamic", "shufflenetv2:0.5x@32,pointwise=grouped",
	} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/threads=%d", spec, threads), func(b *testing.B) {
				m := mustNew(b, build(b, spec), WithThreads(threads))
				s, err := m.NewSession()
				if err != nil {
					b.Fatal(err)
				}
				in, out := randomInput(m.plan.InLen, 1), make([]float32, m.plan.OutLen)
				b.ReportAllocs()
				best := time.Duration(1 << 62)
				for b.Loop() {
					t := time.Now()
					if err := s.Run(context.Background(), out, in); err != nil {
						b.Fatal(err)
					}
					best = min(best, time.Since(t))
				}
				b.ReportMetric(float64(best.Nanoseconds()), "best-ns")
				info := m.Info()
				b.ReportMetric(2*float64(info.MACs)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
			})
		}
	}
}

// BenchmarkDense adds up the best time of every step, so that other programs on the
// machine do not blur it. -v prints the steps.
//
//	go test -run '^$' -bench Dense ./engine
func BenchmarkDense(b *testing.B) {
	for _, net := range []struct {
		name  string
		build func(size, c int) *weights.Model
	}{{"resnet18", resNet18}, {"resnet50", resNet50}, {"vgg11", vgg11}} {
		b.Run(net.name, func(b *testing.B) {
			m := mustNew(b, net.build(224, 64), WithThreads(1))
			memory := plan.NewMemory(m.plan)
			w := plan.NewWorker(m.plan, memory)
			w.In, w.Out = randomInput(m.plan.InLen, 1), make([]float32, m.plan.OutLen)
			best := make([]time.Duration, len(m.plan.Steps))
			for b.Loop() {
				for i := range best {
					t := time.Now()
					m.plan.Steps[i].Runner.Run(&w, plan.Whole)
					if d := time.Since(t); best[i] == 0 || d < best[i] {
						best[i] = d
					}
				}
			}
			sum := time.Duration(0)
			for i, d := range best {
				sum += d
				b.Logf("%8.3f ms  %s", 1e-6*float64(d), m.plan.Steps[i].Runner.Describe().Kernel)
			}
			b.ReportMetric(float64(sum.Microseconds())/1000, "best-ms")
			b.ReportMetric(2*float64(m.Info().MACs)/float64(sum.Nanoseconds()), "GFLOP/s")
		})
	}
}
