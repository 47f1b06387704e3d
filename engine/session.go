package engine

import (
	"context"
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/run"
)

// Session is the memory that one run at a time needs: the activations, and
// scratch for each thread. Make one per goroutine and keep it: a run allocates
// nothing. A Session is not safe for use by two goroutines at once.
type Session struct {
	model  *Model
	run    *run.Session
	closed bool
}

// NewSession allocates a session: ActivationBytes of [Info], and little more. The
// error is [ErrClosed]. It may be called from any goroutine.
func (m *Model) NewSession() (*Session, error) {
	if m.closed.Load() {
		return nil, fmt.Errorf("model: %w", ErrClosed)
	}
	return &Session{model: m, run: run.NewSession(m.plan, m.pool)}, nil
}

// Close drops the session's memory; a session that is let go without Close is
// collected like anything else. Running it afterwards is [ErrClosed]. It returns
// nil, may be called twice, and not while a run is under way.
func (s *Session) Close() error {
	s.closed = true
	s.run.Free()
	return nil
}

// SetThreads sets how many threads the session's next runs may use, the caller's among
// them: at most as many as [WithThreads] gave the model, which is also what a session
// begins with, and what n < 1 means. The bits computed do not change. A server may give a
// sample all processors while there is no other, and one of them under load. It is not to
// be called while a run is under way.
func (s *Session) SetThreads(n int) { s.run.Most = max(0, n) }

// usable fails once the session or its model is closed.
func (s *Session) usable() error {
	if s.closed || s.model.closed.Load() {
		return fmt.Errorf("session: %w", ErrClosed)
	}
	return nil
}

// Run computes the network for a batch. src holds n samples in NCHW order,
// float32, of Info().InputLen() elements each, n >= 1; dst receives n times
// Info().OutputLen() elements, sample after sample, each sample's outputs in
// the model's order, a [C H W] one plane by plane. They are as the network has
// them: logits, where it does not end in a softmax ([Model.Top] reads either). src
// is only read; dst and src must not overlap. Any values may be in src, NaN and
// infinities too.
//
// Each sample is computed on its own, with its own permutations: its bits do
// not depend on the batch around it, nor on the number of threads.
//
// ctx is looked at between layers; when it is done, Run returns its error, dst
// holds the samples finished before (whole samples only), and the session can
// be used again. Wrong lengths are a [ShapeError], and nothing is written. Run allocates nothing, except
// that a session's first batch of two or more, with two or more threads, makes
// memory for the other threads: ActivationBytes of [Info] for each.
func (s *Session) Run(ctx context.Context, dst, src []float32) error {
	if err := s.usable(); err != nil {
		return err
	}
	p := s.model.plan
	n := len(src) / p.InLen
	if n < 1 || n*p.InLen != len(src) {
		return &ShapeError{"input", fmt.Sprintf("%d elements", len(src)),
			fmt.Sprintf("a multiple of %d (%v)", p.InLen, s.model.info.Input)}
	}
	if len(dst) != n*p.OutLen {
		return &ShapeError{"output", fmt.Sprintf("%d elements", len(dst)),
			fmt.Sprintf("%d (%d samples of %d)", n*p.OutLen, n, p.OutLen)}
	}
	return s.run.Run(ctx, dst, src, n)
}
