package predict

import (
	"context"
	"fmt"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// BenchmarkBatch says whether gathering samples into batches would pay: the time of a
// sample, in batches of several sizes, on one thread as the server has it.
func BenchmarkBatch(b *testing.B) {
	for _, arch := range []zoo.Arch{{Family: "shufflenetv2"}, {Family: "shufflenetv2", Width: 0.5, Size: 32}} {
		w, err := zoo.Build(arch)
		if err != nil {
			b.Fatal(err)
		}
		m, err := engine.New(w, engine.WithThreads(1))
		if err != nil {
			b.Fatal(err)
		}
		defer m.Close()
		for _, n := range []int{1, 8, 32} {
			b.Run(fmt.Sprintf("%s/%d", arch, n), func(b *testing.B) {
				s, err := m.NewSession()
				if err != nil {
					b.Fatal(err)
				}
				src, dst := make([]float32, n*m.Info().InputLen()), make([]float32, n*m.Info().OutputLen())
				for b.Loop() {
					if err := s.Run(context.Background(), dst, src); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/sample")
			})
		}
	}
}
