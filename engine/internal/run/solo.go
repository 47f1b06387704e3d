package run

import (
	"context"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// solo is a worker that does every step alone.
type solo struct {
	run    *Session // whose run it is
	worker plan.Worker
}

func (w *solo) step(i int, st *plan.Step) bool {
	if w.run.cancelled() {
		return false
	}
	w.run.do(st, &w.worker, plan.Whole)
	return true
}

// timed is a worker that does every step alone and says how long it took.
type timed struct {
	ctx    context.Context
	worker *plan.Worker
	last   time.Time
	times  []time.Duration
}

func (w *timed) step(i int, st *plan.Step) bool {
	if w.ctx.Err() != nil {
		return false
	}
	st.Runner.Run(w.worker, plan.Whole)
	now := time.Now()
	w.times[i] = now.Sub(w.last)
	w.last = now
	return true
}

// Profile computes one sample on the calling goroutine and writes what each step
// took to times. Its error is ctx's.
func (s *Session) Profile(ctx context.Context, dst, src []float32, times []time.Duration) error {
	s.Memory.In, s.Memory.Out = src, dst
	defer func() { s.Memory.In, s.Memory.Out = nil, nil }()
	forward(s.plan.Steps, 0, &timed{ctx, &s.solo.worker, time.Now(), times})
	return ctx.Err()
}
