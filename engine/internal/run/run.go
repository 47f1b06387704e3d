package run

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// Session runs a plan. It is one goroutine's at a time.
type Session struct {
	Memory *plan.Memory // of the runs of single samples

	plan    *plan.Plan
	pool    *Pool
	solo    solo
	team    team
	batch   batch
	retreat retreat

	// Of the run that is under way.
	done  <-chan struct{}       // the caller's context is done
	stop  atomic.Bool           // skip what is left
	fault atomic.Pointer[error] // a panic
}

// NewSession allocates what running p takes. A run shares its work with pool.
func NewSession(p *plan.Plan, pool *Pool) *Session {
	s := &Session{Memory: plan.NewMemory(p), plan: p, pool: pool}
	s.solo = solo{run: s, worker: plan.NewWorker(s.Memory)}
	s.team.init(s)
	return s
}

// Free drops the session's memory. The session cannot be used afterwards.
func (s *Session) Free() {
	s.Memory.Free()
	for i := range s.batch.mates { // the list stays: a helper that comes late may look at it
		s.batch.mates[i].worker.Free()
	}
}

// Run computes n samples of src into dst. Each has p.InLen elements there and
// p.OutLen here. It returns when they are done, or ctx is: then with ctx's error,
// and dst holds the samples that were finished before.
func (s *Session) Run(ctx context.Context, dst, src []float32, n int) error {
	s.done = ctx.Done()
	defer func() { s.Memory.In, s.Memory.Out, s.done = nil, nil, nil }()
	// More runnable threads than processors would only spin against each other.
	threads := min(s.plan.Threads, runtime.GOMAXPROCS(0))
	if threads == 1 {
		return s.samples(ctx, dst, src, n, 1)
	}
	begin := time.Now()
	alone := s.retreat.holds(begin) && n < 4*threads // of more samples even a slow helper does some
	s.team.alone.Store(alone)
	if alone {
		return s.samples(ctx, dst, src, n, 1)
	}
	s.team.waited.Store(0)
	s.retreat.offered, s.retreat.taken = 0, 0
	err := s.samples(ctx, dst, src, n, threads)
	end := time.Now()
	s.retreat.account(end, end.Sub(begin), time.Duration(s.team.waited.Load()), threads)
	return err
}

// samples computes n samples: as many as can be one a thread, the rest one after
// the other.
func (s *Session) samples(ctx context.Context, dst, src []float32, n, threads int) error {
	in, out := s.plan.InLen, s.plan.OutLen
	whole := 0
	if threads > 1 && uint64(n) < math.MaxUint32 {
		whole = n - n%threads
	}
	if whole > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.shareSamples(ctx, dst[:whole*out], src[:whole*in], whole, threads); err != nil {
			return err
		}
	}
	for i := whole; i < n; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.stop.Store(false)
		s.Memory.In, s.Memory.Out = src[i*in:(i+1)*in], dst[i*out:(i+1)*out]
		if threads == 1 {
			forward(s.plan.Steps, 0, &s.solo)
		} else {
			s.shareSteps(threads)
		}
		if err := s.outcome(ctx); err != nil {
			return err
		}
	}
	return nil
}

// worker is how a thread takes part in a run.
type worker interface {
	// step does the worker's part of step i. It returns false to end the pass.
	step(i int, st *plan.Step) bool
}

// forward is the forward pass: it walks the steps from number first on.
func forward(steps []plan.Step, first int, w worker) {
	for i := first; i < len(steps); i++ {
		if !w.step(i, &steps[i]) {
			return
		}
	}
}

// do runs a share of a step. A panic (a bug, never a bad input) is kept and ends
// the run as an error: it must not take down threads that others need.
func (s *Session) do(st *plan.Step, w *plan.Worker, share plan.Share) {
	defer func() {
		if r := recover(); r != nil {
			err := fmt.Errorf("node %q (%s): internal error: %v", st.Node, st.Op, r)
			s.fault.CompareAndSwap(nil, &err)
			s.stop.Store(true)
		}
	}()
	st.Runner.Run(w, share)
}

// cancelled says whether to skip what is left of the run.
func (s *Session) cancelled() bool {
	if s.done != nil {
		select {
		case <-s.done:
			s.stop.Store(true)
		default:
		}
	}
	return s.stop.Load()
}

// outcome is the error of the run that is over.
func (s *Session) outcome(ctx context.Context) error {
	if s.stop.Load() {
		if f := s.fault.Swap(nil); f != nil {
			return *f
		}
		return ctx.Err()
	}
	return nil
}
