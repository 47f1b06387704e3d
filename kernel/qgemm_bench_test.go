package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// qgemmShapes are the pointwise convolutions of ShuffleNet V2 at 224x224 that its time
// goes to, and a small one of CIFAR's.
var qgemmShapes = []gemmShape{
	{58, 58, 784}, {116, 116, 784}, {232, 232, 196}, {232, 232, 49}, {1024, 464, 49}, {192, 192, 16},
}

// moreQGEMMShapes are others': the first convolution, MobileNet V2, ResNet-18.
var moreQGEMMShapes = []gemmShape{
	{24, 27, 12544}, {58, 24, 784}, {24, 24, 784}, {116, 116, 196}, {96, 16, 12544}, {320, 960, 49}, {960, 160, 49}, {64, 576, 3136}, {512, 4608, 49},
}

// newBenchQGEMM is newBenchGEMM, quantized.
func newBenchQGEMM(s gemmShape, set *Set) *QGEMM {
	pitch := Pitch(s.n, 1)
	g := &QGEMM{
		M: s.m, K: s.k, N: s.n, A: make([]byte, set.QGEMMLen(s.m, s.k)), Bias: make([]int32, s.m), Mult: make([]float32, s.m),
		Mem: make([]byte, (s.m+s.k)*pitch+2*SlackBytes), Requant: Requant{Hi: 255},
	}
	for i := range s.k {
		g.B = append(g.B, int32(SlackBytes+i*pitch))
	}
	for i := range s.m {
		g.C = append(g.C, int32(SlackBytes+(s.k+i)*pitch))
		g.Mult[i] = 1.0 / 16384
	}
	rand.Shuffle(s.k, func(i, j int) { g.B[i], g.B[j] = g.B[j], g.B[i] })
	rng := rand.New(rand.NewPCG(1, 1))
	randomBytes(rng, g.Mem)
	set.PackQGEMM(g.A, randomWeights(rng, s.m*s.k), s.m, s.k)
	g.Work = make([]byte, set.WorkLen(g))
	return g
}

// BenchmarkQGEMM is BenchmarkGEMM of the quantized kernel. Of the first shapes it
// reports the geometric mean of the shares of the peak too.
func BenchmarkQGEMM(b *testing.B) {
	benchEachSet(b, func(b *testing.B, set *Set) {
		b.Run("shapes", func(b *testing.B) {
			for b.Loop() {
				benchQGEMMs(b, set, qgemmShapes, 40*time.Millisecond)
			}
		})
		b.Run("more", func(b *testing.B) {
			for b.Loop() {
				benchQGEMMs(b, set, moreQGEMMShapes, 40*time.Millisecond)
			}
		})
	})
}

// benchQGEMMs times all shapes in turn, so that what else the machine does is theirs
// alike, and reports each one's best.
func benchQGEMMs(b *testing.B, set *Set, shapes []gemmShape, each time.Duration) {
	best, peak := make([]float64, len(shapes)), 0.0
	calls := make([]*QGEMM, len(shapes))
	for i, s := range shapes {
		calls[i] = newBenchQGEMM(s, set)
	}
	const rounds = 10
	for range rounds {
		peak = max(peak, set.PeakInt8GMACS(5*time.Millisecond))
		for i, s := range shapes {
			macs := s.m * s.k * s.n
			batch := 1 + 2_000_000/macs
			for end := time.Now().Add(each / rounds); time.Now().Before(end); {
				begin := time.Now()
				for range batch {
					set.QGEMM(calls[i])
				}
				best[i] = max(best[i], float64(batch*macs)/float64(time.Since(begin).Nanoseconds()))
			}
		}
	}
	mean := 0.0
	for i, s := range shapes {
		mean += math.Log(best[i]/peak) / float64(len(shapes))
		b.ReportMetric(math.Round(best[i]), fmt.Sprintf("%dx%d@%d", s.m, s.k, s.n))
	}
	b.ReportMetric(peak, "peak")
	b.ReportMetric(100*math.Exp(mean), "%peak")
}
