package engine

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// Batches of every size, with fewer and more threads than samples: each sample
// has the bits and the permutations that it has alone.
func TestBatch(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	specs := []string{"shufflenetv2:0.5x@32,shuffle=dynamic", "shufflenetv1:0.5x@48,g=3", "shufflenetv2:0.5x@64,pointwise=grouped"}
	most, sizes, repeats := 7, []int{1, 2, 3, 4, 5, 6, 7}, 5
	if testing.Short() { // a quarter of a second a picture of the former, where a processor is emulated
		most, sizes, repeats = 4, []int{1, 3, 4}, 1
		specs = []string{"shufflenetv2:0.25x@32,shuffle=dynamic", "shufflenetv1:0.25x@32,g=3", "shufflenetv2:0.25x@32,pointwise=grouped"}
	}
	for _, spec := range specs {
		m := build(t, spec)
		alone := mustNew(t, m, WithThreads(1))
		s1, err := alone.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		in, out := alone.plan.InLen, alone.plan.OutLen
		src, want := randomInput(most*in, 5), make([]float32, most*out)
		perms := make([][]Permutation, most)
		for i := range most {
			if err := s1.Run(context.Background(), want[i*out:(i+1)*out], src[i*in:(i+1)*in]); err != nil {
				t.Fatal(err)
			}
			perms[i] = s1.Permutations()
		}
		for _, threads := range []int{2, 3} {
			s, err := mustNew(t, m, WithThreads(threads)).NewSession()
			if err != nil {
				t.Fatal(err)
			}
			for round := range 2 {
				for _, n := range sizes {
					got := make([]float32, n*out)
					if err := s.Run(context.Background(), got, src[:n*in]); err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(got, want[:n*out]) {
						t.Fatalf("%s, %d threads, batch of %d, round %d: other bits than alone", spec, threads, n, round)
					}
					if got := s.Permutations(); !reflect.DeepEqual(got, perms[n-1]) {
						t.Fatalf("%s, %d threads, batch of %d: permutations %v, want the last sample's %v", spec, threads, n, got, perms[n-1])
					}
				}
			}
			got := make([]float32, most*out)
			// A thread of the pool that comes late, on a loaded machine, allocates when it
			// starts. What a batch itself allocates, it allocates every time.
			allocations := math.MaxFloat64
			for range 5 {
				allocations = min(allocations, testing.AllocsPerRun(repeats, func() {
					if err := s.Run(context.Background(), got, src); err != nil {
						t.Fatal(err)
					}
				}))
			}
			if allocations != 0 {
				t.Errorf("%d threads: %v allocations a batch", threads, allocations)
			}
			if len(perms[0]) > 0 { // one sample's permutations for all of them, then their own again
				if err := s.Inject(perms[0]); err != nil {
					t.Fatal(err)
				}
				if err := s.Run(context.Background(), got, src); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got[:out], want[:out]) || slices.Equal(got, want) || !reflect.DeepEqual(s.Permutations(), perms[0]) {
					t.Errorf("%d threads: injected permutations were not used for every sample", threads)
				}
				if err := s.Inject(nil); err != nil {
					t.Fatal(err)
				}
				if err := s.Run(context.Background(), got, src); err != nil || !slices.Equal(got, want) {
					t.Errorf("%d threads: injected permutations stay (%v)", threads, err)
				}
			}
			s.Close()
			if err := s.Run(context.Background(), got, src); !errors.Is(err, ErrClosed) {
				t.Errorf("closed: %v", err)
			}
		}
	}
}

// cancelAt cancels when sample number at begins.
type cancelAt struct {
	plan.Runner
	at     *atomic.Int32
	cancel func()
}

func (c cancelAt) Run(w *plan.Worker, s plan.Share) {
	if c.at.Add(-1) == 0 {
		c.cancel()
	}
	c.Runner.Run(w, s)
}

// A cancelled batch says so, holds whole samples only, and leaves the session
// as it was.
func TestBatchCancelled(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	m := build(t, "shufflenetv2:0.5x@32")
	e := mustNew(t, m, WithThreads(2))
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	const n = 8
	in, out := e.plan.InLen, e.plan.OutLen
	src, want := randomInput(n*in, 5), make([]float32, n*out)
	if err := s.Run(context.Background(), want, src); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	first := &e.plan.Steps[1]
	one := first.Runner
	var at atomic.Int32
	at.Store(3)
	first.Runner = cancelAt{one, &at, cancel}
	defer func() { first.Runner = one }()
	got := make([]float32, n*out)
	for i := range got {
		got[i] = -12345
	}
	if err := s.Run(ctx, got, src); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	done := 0
	for i := range n {
		g := got[i*out : (i+1)*out]
		switch {
		case slices.Equal(g, want[i*out:(i+1)*out]):
			done++
		case slices.ContainsFunc(g, func(v float32) bool { return v != -12345 }):
			t.Errorf("sample %d was begun and not finished", i)
		}
	}
	if done == n {
		t.Error("all samples were computed")
	}
	if err := s.Run(context.Background(), got, src); err != nil || !slices.Equal(got, want) {
		t.Errorf("afterwards: %v, or other bits", err)
	}
}
