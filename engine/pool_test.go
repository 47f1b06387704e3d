package engine

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// goroutines waits until at most n are left and returns how many there are.
func goroutines(n int) int {
	for range 200 {
		runtime.GC()
		if runtime.NumGoroutine() <= n {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}

// Close ends the helpers, and so does dropping the model without Close.
func TestHelpersEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	m := build(t, "shufflenetv2:0.5x@32")
	use := func(end bool) {
		e, err := New(m, WithThreads(4))
		if err != nil {
			t.Fatal(err)
		}
		runAll(t, e, randomInput(e.plan.InLen, 1))
		if end {
			e.Close()
		}
	}
	for _, end := range []bool{true, false} {
		for range 5 {
			use(end)
		}
		if n := goroutines(before); n > before {
			t.Errorf("closed %v: %d goroutines, %d before", end, n, before)
		}
	}
}

// panicStep panics the first time.
type panicStep struct {
	plan.Runner
	once *sync.Once
}

func (p panicStep) Run(w *plan.Worker, s plan.Share) {
	p.once.Do(func() { panic("broken kernel") })
	p.Runner.Run(w, s)
}

// A panic inside a step is that run's error; the session, its helpers and
// other sessions go on.
func TestPanicIsAnError(t *testing.T) {
	for _, threads := range []int{1, 4} {
		e := mustNew(t, build(t, "shufflenetv2:0.5x@32"), WithThreads(threads))
		in := randomInput(e.plan.InLen, 1)
		want := runAll(t, e, in)
		s, err := e.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{0, 5, len(e.plan.Steps) - 1} {
			st := &e.plan.Steps[at]
			whole := st.Runner
			st.Runner = panicStep{whole, new(sync.Once)}
			out := make([]float32, e.plan.OutLen)
			if err := s.Run(context.Background(), out, in); err == nil || !strings.Contains(err.Error(), "broken kernel") || !strings.Contains(err.Error(), st.Node) {
				t.Errorf("%d threads, step %d: got %v, want an error that names node %q", threads, at, err, st.Node)
			}
			for range 3 {
				if err := s.Run(context.Background(), out, in); err != nil || !slices.Equal(out, want) {
					t.Errorf("%d threads, step %d: the run after: %v, or other bits", threads, at, err)
				}
			}
			st.Runner = whole
		}
	}
}

// More sessions than helpers, on more goroutines than processors: every one
// finishes, with its own bits.
func TestManySessions(t *testing.T) {
	e := mustNew(t, build(t, "shufflenetv2:0.5x@32,shuffle=dynamic"), WithThreads(3))
	n := 200
	if testing.Short() {
		n = 30
	}
	var want [4][]float32
	for i := range want {
		want[i] = runAll(t, e, randomInput(e.plan.InLen, uint64(i)))
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			s, err := e.NewSession()
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			out := make([]float32, e.plan.OutLen)
			for k := range 4 {
				in := randomInput(e.plan.InLen, uint64((i+k)%4))
				if err := s.Run(context.Background(), out, in); err != nil || !slices.Equal(out, want[(i+k)%4]) {
					t.Errorf("session %d: %v, or other bits", i, err)
				}
			}
		})
	}
	wg.Wait()
}
