package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// forEachSet runs a test once for every instruction set of this machine.
func forEachSet(t *testing.T, f func(t *testing.T, isa string)) {
	for i, isa := range Sets() {
		if i > 0 && testing.Short() {
			break // the best one is enough for a race detector or an emulator
		}
		t.Run(isa, func(t *testing.T) { f(t, isa) })
	}
}

func randomInput(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 7))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func build(t testing.TB, spec string) *weights.Model {
	t.Helper()
	a, err := zoo.ParseArch(spec)
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustNew(t testing.TB, m *weights.Model, opts ...Option) *Model {
	t.Helper()
	e, err := New(m, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func runAll(t testing.TB, m *Model, in []float32) []float32 {
	t.Helper()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := make([]float32, len(in)/m.plan.InLen*m.plan.OutLen)
	if err := s.Run(context.Background(), out, in); err != nil {
		t.Fatal(err)
	}
	return out
}

// relError is the largest difference as a share of the largest value.
func relError(got []float32, want []float64) float64 {
	diff, top := 0.0, 0.0
	for i, w := range want {
		d := math.Abs(float64(got[i]) - w)
		if !(d <= math.MaxFloat64) {
			return math.Inf(1)
		}
		diff, top = max(diff, d), max(top, math.Abs(w))
	}
	return diff / top
}

var networks = []string{
	"shufflenetv2:0.5x@32", "shufflenetv2:1x@64,stem=imagenet,classes=12",
	"shufflenetv1:0.25x@32,g=1", "shufflenetv1:0.25x@32,g=2", "shufflenetv1:0.25x@32,g=3",
	"shufflenetv1:0.25x@32,g=4", "shufflenetv1:0.5x@32,g=8", "shufflenetv1:0.25x@64,g=3,stem=imagenet",
	"mobilenetv1:0.25x@32", "mobilenetv2:0.35x@32",
}

// The whole network against the textbook in float64.
func TestNetworks(t *testing.T) {
	specs := networks
	if testing.Short() {
		specs = specs[4:6]
	}
	for _, spec := range specs {
		t.Run(spec, func(t *testing.T) {
			m := build(t, spec)
			in := randomInput(3*m.Graph.Inputs[0].Shape[1]*m.Graph.Inputs[0].Shape[2], 1)
			want := oracle.Output(m, in, nil)
			forEachSet(t, func(t *testing.T, isa string) {
				got := runAll(t, mustNew(t, m, WithISA(isa)), in)
				if e := relError(got, want); e > 1e-5 {
					t.Errorf("relative error %.3g, want at most 1e-5", e)
				}
			})
		})
	}
}

// Dynamic networks: a permutation is discontinuous, so the oracle is handed
// the one that the engine chose, and the engine's choice is checked apart
// (TestPermutationsAgree).
func TestDynamicNetworks(t *testing.T) {
	specs := []string{
		"shufflenetv2:0.5x@32,pointwise=kronecker,shuffle=dynamic",
		"shufflenetv2:0.5x@32,shuffle=dynamic", "shufflenetv1:0.5x@32,g=3,shuffle=dynamic",
		"shufflenetv2:0.5x@32,pointwise=grouped", "shufflenetv2:0.5x@32,pointwise=kronecker",
	}
	if testing.Short() {
		specs = specs[:1]
	}
	for _, spec := range specs {
		t.Run(spec, func(t *testing.T) {
			m := build(t, spec)
			forEachSet(t, func(t *testing.T, isa string) {
				e := mustNew(t, m, WithISA(isa))
				s, err := e.NewSession()
				if err != nil {
					t.Fatal(err)
				}
				distinct := map[string]bool{}
				for seed := range uint64(3) {
					in := randomInput(e.plan.InLen, seed)
					got := make([]float32, e.plan.OutLen)
					if err := s.Run(context.Background(), got, in); err != nil {
						t.Fatal(err)
					}
					inject := oracle.Permutations{}
					for _, p := range s.Permutations() {
						inject[p.Node] = [2][]int{ints(p.Sigma), ints(p.Tau)}
					}
					distinct[fmt.Sprint(inject)] = true
					if e := relError(got, oracle.Output(m, in, inject)); e > 1e-5 {
						t.Errorf("input %d: relative error %.3g, want at most 1e-5", seed, e)
					}
				}
				if len(distinct) == 1 {
					t.Error("three inputs chose the same permutations everywhere")
				}
			})
		})
	}
}

func ints(p []int32) []int {
	out := make([]int, len(p))
	for i, v := range p {
		out[i] = int(v)
	}
	return out
}

// The same bits for any number of threads, any place in a batch, in any
// session, alone or among others.
func TestSameBits(t *testing.T) {
	specs := []string{"shufflenetv2:0.5x@32,pointwise=grouped,shuffle=dynamic", "shufflenetv1:0.5x@32,g=8", "mobilenetv2:0.35x@64,stem=imagenet", "shufflenetv2:0.5x@32"}
	if testing.Short() {
		specs = specs[:1]
	}
	for _, spec := range specs {
		m := build(t, spec)
		forEachSet(t, func(t *testing.T, isa string) {
			one := mustNew(t, m, WithISA(isa), WithThreads(1))
			const n = 5
			in := randomInput(n*one.plan.InLen, 3)
			var want []float32
			for i := range n {
				want = append(want, runAll(t, one, in[i*one.plan.InLen:(i+1)*one.plan.InLen])...)
			}
			for _, threads := range []int{1, 2, 3, 8, 32} {
				e := mustNew(t, m, WithISA(isa), WithThreads(threads))
				for rep := range 3 {
					if got := runAll(t, e, in); !slices.Equal(got, want) {
						t.Fatalf("%s: %d threads, run %d: other bits than one thread alone", spec, threads, rep)
					}
				}
			}
			e := mustNew(t, m, WithISA(isa), WithThreads(2))
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if got := runAll(t, e, in); !slices.Equal(got, want) {
						t.Error("other bits in concurrent sessions")
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestNoAllocations(t *testing.T) {
	for _, spec := range []string{"shufflenetv2:0.5x@32", "shufflenetv2:0.5x@32,pointwise=kronecker,shuffle=dynamic", "mobilenetv2:0.35x@32"} {
		for _, threads := range []int{1, 2} {
			e := mustNew(t, build(t, spec), WithThreads(threads))
			s, err := e.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			in, out := randomInput(e.plan.InLen, 1), make([]float32, e.plan.OutLen)
			if n := testing.AllocsPerRun(20, func() {
				if err := s.Run(context.Background(), out, in); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s, %d threads: %v allocations a run, want 0", spec, threads, n)
			}
		}
	}
}

// cancelAfter is a context whose Done channel closes after n looks.
type cancelAfter struct {
	context.Context
	looks, n int
	ch       chan struct{}
}

func (c *cancelAfter) Done() <-chan struct{} { return c.ch }
func (c *cancelAfter) Err() error {
	if c.looks++; c.looks > c.n {
		return context.Canceled
	}
	return nil
}

func TestCancel(t *testing.T) {
	e := mustNew(t, build(t, "shufflenetv2:0.5x@32"), WithThreads(1))
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in := randomInput(4*e.plan.InLen, 1)
	out := make([]float32, 4*e.plan.OutLen)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Run(ctx, out, in); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: got %v", err)
	}
	// Err is looked at before each sample: the third is refused.
	c := &cancelAfter{Context: context.Background(), n: 2}
	if err := s.Run(c, out, in); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled between samples: got %v", err)
	}
	want := runAll(t, e, in)
	if n := 2 * e.plan.OutLen; !slices.Equal(out[:n], want[:n]) {
		t.Error("samples finished before the cancellation are not whole")
	}
	// Done fires inside a sample: layers that are left are skipped.
	ch := make(chan struct{})
	close(ch)
	c = &cancelAfter{Context: context.Background(), n: 1, ch: ch}
	if err := s.Run(c, out, in); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled between layers: got %v", err)
	}
	if err := s.Run(context.Background(), out, in); err != nil || !slices.Equal(out, want) {
		t.Errorf("after a cancellation: got %v, or other bits", err)
	}
}

func TestWrongLengths(t *testing.T) {
	e := mustNew(t, build(t, "shufflenetv2:0.5x@32"))
	s, _ := e.NewSession()
	for _, c := range [][2]int{{10, 0}, {10, 3071}, {10, 3073}, {9, 3072}, {20, 3072}, {10, 6144}} {
		err := s.Run(context.Background(), make([]float32, c[0]), make([]float32, c[1]))
		var se *ShapeError
		if !errors.As(err, &se) || !errors.Is(err, ErrShape) {
			t.Errorf("output %d, input %d: got %v, want a ShapeError", c[0], c[1], err)
		}
	}
}

func TestClosed(t *testing.T) {
	e, err := New(build(t, "shufflenetv2:0.5x@32"), WithThreads(3))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := e.NewSession()
	in, out := make([]float32, e.plan.InLen), make([]float32, e.plan.OutLen)
	if err := s.Run(context.Background(), out, in); err != nil {
		t.Fatal(err)
	}
	e.Close()
	e.Close()
	if err := s.Run(context.Background(), out, in); !errors.Is(err, ErrClosed) {
		t.Errorf("run after Model.Close: got %v", err)
	}
	if _, err := e.NewSession(); !errors.Is(err, ErrClosed) {
		t.Errorf("session after Close: got %v", err)
	}
	e2 := mustNew(t, build(t, "shufflenetv2:0.5x@32"))
	s2, _ := e2.NewSession()
	s2.Close()
	if err := s2.Run(context.Background(), out, in); !errors.Is(err, ErrClosed) {
		t.Errorf("run after Session.Close: got %v", err)
	}
}
