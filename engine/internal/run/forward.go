package run

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

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

// run is what all workers of a session's run share.
type run struct {
	plan  *plan.Plan
	done  <-chan struct{}       // the caller's context is done
	stop  atomic.Bool           // skip what is left
	fault atomic.Pointer[error] // a panic
}

// do runs a share of a step. A panic (a bug, never a bad input) is kept and ends
// the run as an error: it must not take down threads that others need.
func (r *run) do(st *plan.Step, w *plan.Worker, share plan.Share) {
	defer func() {
		if x := recover(); x != nil {
			err := fmt.Errorf("node %q (%s): internal error: %v", st.Node, st.Op, x)
			r.fault.CompareAndSwap(nil, &err)
			r.stop.Store(true)
		}
	}()
	st.Runner.Run(w, share)
}

// cancelled says whether to skip what is left of the run.
func (r *run) cancelled() bool {
	if r.done != nil {
		select {
		case <-r.done:
			r.stop.Store(true)
		default:
		}
	}
	return r.stop.Load()
}

// outcome is the error of the run that is over.
func (r *run) outcome(ctx context.Context) error {
	if r.stop.Load() {
		if f := r.fault.Swap(nil); f != nil {
			return *f
		}
		return ctx.Err()
	}
	return nil
}
