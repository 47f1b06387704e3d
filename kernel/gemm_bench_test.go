package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// gemmShape is a GEMM of the engine's: ShuffleNet V2 1.0x at 224x224 unless
// said otherwise.
type gemmShape struct{ m, k, n int }

var gemmShapes = []gemmShape{
	{24, 27, 112}, // first convolution, one row
	{58, 24, 784}, {58, 24, 3136}, {58, 58, 784},
	{116, 116, 784}, {116, 116, 196},
	{232, 232, 196}, {232, 232, 49}, {1024, 464, 49},
	{48, 36, 1024}, {96, 96, 256}, {192, 192, 64}, {64, 64, 16}, // CIFAR sizes
	{320, 960, 49}, {128, 1152, 28}, // MobileNet V2, ResNet-18
}

// newBenchGEMM has an arena as the engine lays it out, its rows in random order.
func newBenchGEMM(s gemmShape, tile Tile) *GEMM {
	g := &GEMM{
		Tile: tile, M: s.m, K: s.k, N: s.n, A: make([]float32, PackedLen(tile, s.m, s.k)),
		Epilogue: Epilogue{Bias: make([]float32, s.m), Act: relu},
	}
	mem, tables := benchPlanes(s.m+s.k, s.n)
	rand.Shuffle(s.k, func(i, j int) { tables[0][i], tables[0][j] = tables[0][j], tables[0][i] })
	g.Mem, g.B, g.C = mem, tables[0][:s.k], tables[0][s.k:]
	w := make([]float32, s.m*s.k)
	for i := range w {
		w[i] = rand.Float32() - 0.5
	}
	PackA(tile, g.A, w, s.m, s.k, s.k)
	return g
}

// BenchmarkGEMM counts useful operations: not those on pixels beyond N. ns/op
// is the mean; GFLOP/s and its share of the peak, which is measured
// before and after, are of the best batch of calls, so that other programs on the
// machine do not blur how good the kernel is.
func BenchmarkGEMM(b *testing.B) {
	for _, s := range gemmShapes {
		for _, rows := range []int{4, 6, 8} {
			b.Run(fmt.Sprintf("%dx%dx%d/%drows", s.m, s.k, s.n, rows), func(b *testing.B) {
				benchEachSet(b, func(b *testing.B, set *Set) {
					i := slices.IndexFunc(set.Tiles, func(t Tile) bool { return t.Rows == rows })
					if i < 0 {
						b.Skip("the set has no such tile")
					}
					tile := set.Tiles[i]
					peak := set.PeakGFLOPS(5 * time.Millisecond)
					g := newBenchGEMM(s, tile)
					flops := 2 * s.m * s.k * s.n
					batch := 1 + 2_000_000/flops // 20 microseconds at 100 GFLOP/s
					best, calls, begin := math.Inf(1), 0, time.Now()
					for b.Loop() {
						set.GEMM(g)
						if calls++; calls == batch {
							now := time.Now()
							best = min(best, float64(now.Sub(begin).Nanoseconds())/float64(batch))
							calls, begin = 0, now
						}
					}
					if math.IsInf(best, 1) {
						return // too few calls
					}
					peak = max(peak, set.PeakGFLOPS(5*time.Millisecond))
					b.ReportMetric(float64(flops)/best, "GFLOP/s")
					b.ReportMetric(100*float64(flops)/best/peak, "%peak")
				})
			})
		}
	}
}

// panelShapes are GEMMs whose rows do not fit in L1: pointwise convolutions of
// ResNet-50 and EfficientNet, and the dense 3x3 ones of ResNet-18 by im2col.
var panelShapes = []gemmShape{
	{256, 64, 3136}, {64, 256, 3136}, {512, 128, 784}, {128, 512, 784}, {1024, 256, 196}, {2048, 512, 49}, {512, 2048, 49},
	{64, 576, 3136}, {128, 1152, 784}, {256, 2304, 196}, {512, 4608, 49}, {32, 16, 12544}, {96, 16, 12544}, {24, 96, 3136},
	{144, 24, 3136}, {24, 144, 3136}, {40, 240, 784}, {240, 40, 784}, {116, 116, 784}, {58, 58, 784}, {232, 232, 196}, {232, 232, 49},
	{116, 116, 196}, {1024, 464, 49}, {480, 80, 196}, {80, 480, 196}, {16, 64, 3136}, {64, 16, 3136}, {192, 32, 784},
}

// BenchmarkPanel compares a GEMM with a panel and without. Both take turns; what is
// reported is the best call of each.
func BenchmarkPanel(b *testing.B) {
	for _, s := range panelShapes {
		b.Run(fmt.Sprintf("%dx%dx%d", s.m, s.k, s.n), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				if set.panel == nil {
					b.Skip("the set needs no panel")
				}
				tile := set.TileFor(s.m, s.n)
				g := newBenchGEMM(s, tile)
				panel := make([]float32, max(set.PanelLen(s.m, s.k, s.n), s.k*tile.Cols))
				best := [2]time.Duration{math.MaxInt64, math.MaxInt64}
				for b.Loop() {
					for i := range best {
						g.Panel = panel[:i*len(panel)]
						begin := time.Now()
						set.GEMM(g)
						best[i] = min(best[i], time.Since(begin))
					}
				}
				flops := float64(2 * s.m * s.k * s.n)
				b.ReportMetric(flops/float64(best[0].Nanoseconds()), "plainGF/s")
				b.ReportMetric(flops/float64(best[1].Nanoseconds()), "panelGF/s")
				b.ReportMetric(float64(set.PanelLen(s.m, s.k, s.n)), "PanelLen")
			})
		})
	}
}

func BenchmarkLinear(b *testing.B) {
	for _, s := range []struct{ out, in int }{{1000, 1024}, {10, 384}, {58, 14}, {1000, 1280}} {
		l := &Linear{
			X: make([]float32, s.in), W: make([]float32, s.in*s.out), Y: make([]float32, s.out),
			In: s.in, Out: s.out, Epilogue: Epilogue{Bias: make([]float32, s.out)},
		}
		for i := range l.W {
			l.W[i] = rand.Float32()
		}
		b.Run(fmt.Sprintf("%dx%d", s.out, s.in), func(b *testing.B) {
			benchEachSet(b, func(b *testing.B, set *Set) {
				b.SetBytes(int64(4 * len(l.W)))
				for b.Loop() {
					set.Linear(l)
				}
			})
		})
	}
}

func BenchmarkPeak(b *testing.B) {
	benchEachSet(b, func(b *testing.B, set *Set) {
		for b.Loop() {
			set.peak()
		}
		b.ReportMetric(set.PeakGFLOPS(20*time.Millisecond), "GFLOP/s")
	})
}
