package engine

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/weights"
)

// Same build, same instruction set: the same bits, for any number of threads, any
// place in a batch, and however often.
func TestSameBitsTenThousandTimes(t *testing.T) {
	runs := 10_000
	if testing.Short() {
		runs = 300
	}
	var models []*weights.Model
	models = append(models, tiny())
	for seed := range uint64(3) { // graphs of all kinds
		models = append(models, growGraph(seed))
	}
	models = append(models, tinyDynamic())
	if !testing.Short() {
		models = append(models, build(t, "shufflenetv2:0.5x@32,shuffle=dynamic"))
	}
	for k, m := range models {
		n := runs
		if k > 4 {
			n /= 25 // a real network, of many steps
		}
		forEachSet(t, func(t *testing.T, isa string) {
			n := n
			if isa == "generic" && k > 0 {
				n /= 10 // the first model has them all
			}
			const batch = 3
			threads := []int{1, 2, 5}
			var sessions []*Session
			for _, th := range threads {
				s, err := mustNew(t, m, WithISA(isa), WithThreads(th)).NewSession()
				if err != nil {
					t.Fatal(err)
				}
				sessions = append(sessions, s)
			}
			p := sessions[0].model.plan
			in := randomInput(p.InLen, 5)
			want := runAll(t, sessions[0].model, in)
			rng := rand.New(rand.NewPCG(1, uint64(k)))
			src, dst := make([]float32, batch*p.InLen), make([]float32, batch*p.OutLen)
			for i := range n / len(threads) {
				for j, s := range sessions {
					size, place := 1+rng.IntN(batch), 0
					for at := range size * p.InLen {
						src[at] = rng.Float32()
					}
					place = rng.IntN(size)
					copy(src[place*p.InLen:], in)
					if err := s.Run(context.Background(), dst[:size*p.OutLen], src[:size*p.InLen]); err != nil {
						t.Fatal(err)
					}
					if got := dst[place*p.OutLen:][:p.OutLen]; !sameBits(got, want) {
						t.Fatalf("model %d, run %d, %d threads, place %d of %d: other bits", k, i, threads[j], place, size)
					}
				}
			}
		})
	}
}

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

// BenchmarkCallers is Classify of 48 x 36 pictures from so many goroutines at
// once, on one model whose runs take one thread each. Its metric is pictures a second.
func BenchmarkCallers(b *testing.B) {
	m := build(b, "shufflenetv2:0.5x@32")
	m.Preprocess = &weights.Preprocess{Resize: 36, Crop: [2]int{32, 32}, Filter: "bilinear", Order: "rgb", Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1}}
	img := image.NewNRGBA(image.Rect(0, 0, 48, 36))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	for _, callers := range []int{1, runtime.GOMAXPROCS(0), 1000} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			e := mustNew(b, m, WithThreads(1))
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := e.Classify(context.Background(), img, 1); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

// A convolution's rows of pixels spill into the next row where they are no
// multiple of a vector: they may not be shared out between threads.
func TestRowsThatSpill(t *testing.T) {
	for _, side := range []int{33, 35, 40, 61} {
		m := one(weights.OpConv, []int{3, side, side}, 1, attrMap{"kernel": {3, 3}, "pad": {1, 1, 1, 1}}, tensorMap{"weight": {5, 3, 3, 3}})
		rng := rand.New(rand.NewPCG(3, 4))
		for i := range m.Tensors[0].Data {
			m.Tensors[0].Data[i] = float32(rng.NormFloat64())
		}
		forEachSet(t, func(t *testing.T, isa string) {
			single := mustNew(t, m, WithISA(isa), WithThreads(1))
			in := randomInput(single.plan.InLen, 1)
			want := runAll(t, single, in)
			e := mustNew(t, m, WithISA(isa), WithThreads(2))
			s, err := e.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			out := make([]float32, len(want))
			for i := range 30 {
				// The parts one after another, the first one last: what it spills stays.
				if i == 0 {
					w := plan.NewWorker(e.plan, s.run.Memory)
					w.In, w.Out = in, out
					for _, st := range e.plan.Steps {
						for part := st.Parts - 1; part >= 0; part-- {
							st.Runner.Run(&w, plan.Share{Index: part, Of: st.Parts})
						}
					}
				} else if err := s.Run(context.Background(), out, in); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(out, want) {
					t.Fatalf("%d x %d pixels, run %d: two threads give other bits than one", side, side, i)
				}
			}
		})
	}
}
