package engine

import (
	"context"
	"fmt"
	"testing"
	"time"
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
