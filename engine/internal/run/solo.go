package run

import (
	"context"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// solo is a worker that does every step alone.
type solo struct {
	run    *run
	worker plan.Worker
}

func (w *solo) step(i int, st *plan.Step) bool {
	if w.run.cancelled() {
		return false
	}
	w.run.do(st, &w.worker, plan.Whole)
	return true
}

// sample computes one sample.
func (w *solo) sample(dst, src []float32) {
	w.worker.In, w.worker.Out = src, dst
	forward(w.run.plan.Steps, 0, w)
	w.worker.In, w.worker.Out = nil, nil
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
