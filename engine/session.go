package engine

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/kernel"
)

// Session is the memory that one run at a time needs: the activations, and
// scratch for each thread. Make one per goroutine and keep it: a run allocates
// nothing. A Session is not safe for use by two goroutines at once.
type Session struct {
	model      *Model
	plan       *plan
	arena      []float32
	tab        [][]int32 // by table; static ones are the plan's
	dynamic    [][]int32 // by dynamic table
	generators []generatorState
	workers    []worker
	crew       crew
	batch      batch

	// of the run that is under way
	src, dst []float32
	done     <-chan struct{}
}

// worker is one thread's scratch: kernels take their arguments by pointer, and
// these stay where they are.
type worker struct {
	gemm      kernel.GEMM
	depthwise kernel.Depthwise
	pool      kernel.Pool
	mean      kernel.Mean
	linear    kernel.Linear
	dots      kernel.Dots
	phases    kernel.Phases
	add       kernel.Add
	affine    kernel.Affine
	gather    kernel.Gather
	table     []int32
	since     time.Time // when the wait that is under way got long
	_         [64]byte
}

// NewSession allocates a session: ActivationBytes of [Info], and little more. The
// error is [ErrClosed]. It may be called from any goroutine.
func (m *Model) NewSession() (*Session, error) {
	if m.closed.Load() {
		return nil, fmt.Errorf("model: %w", ErrClosed)
	}
	return newSession(m, m.plan.threads), nil
}

// newSession is a session whose runs are shared between threads.
func newSession(m *Model, threads int) *Session {
	p := m.plan
	s := &Session{model: m, plan: p, arena: make([]float32, p.arena), workers: make([]worker, threads)}
	s.crew.lanes = make([]lane, threads)
	s.crew.lanes[0].present.Store(true) // the caller always is
	s.tab = make([][]int32, len(p.tables))
	for i := range p.tables {
		s.tab[i] = p.tables[i].static
		if p.tables[i].dynamic {
			s.tab[i] = append([]int32(nil), s.tab[i]...)
		}
	}
	s.dynamic = make([][]int32, len(p.dynamic))
	for i := range p.dynamic {
		s.dynamic[i] = make([]int32, p.dynamic[i].size)
	}
	s.generators = make([]generatorState, len(p.generators))
	for i := range p.generators {
		s.generators[i] = newGeneratorState(p.generators[i].d)
	}
	return s
}

// Close drops the session's memory; a session that is let go without Close is
// collected like anything else. Running it afterwards is [ErrClosed]. It returns
// nil, may be called twice, and not while a run is under way.
func (s *Session) Close() error {
	s.arena, s.model = nil, nil
	for _, m := range s.batch.mates { // the list stays: a helper that comes late may look at it
		m.arena = nil
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
	if s.arena == nil || s.model.closed.Load() {
		return fmt.Errorf("session: %w", ErrClosed)
	}
	p := s.plan
	n := len(src) / p.inLen
	if n < 1 || n*p.inLen != len(src) {
		return &ShapeError{"input", fmt.Sprintf("%d elements", len(src)),
			fmt.Sprintf("a multiple of %d (%v)", p.inLen, s.model.info.Input)}
	}
	if len(dst) != n*p.outLen {
		return &ShapeError{"output", fmt.Sprintf("%d elements", len(dst)),
			fmt.Sprintf("%d (%d samples of %d)", n*p.outLen, n, p.outLen)}
	}
	s.done = ctx.Done()
	defer func() { s.src, s.dst, s.done = nil, nil, nil }()
	// More runnable threads than processors would only spin against each other.
	threads := min(p.threads, runtime.GOMAXPROCS(0))
	if threads == 1 {
		return s.samples(ctx, dst, src, n, 1)
	}
	c, begin := &s.crew, time.Now()
	alone := begin.Before(c.retreat.until) && n < 4*threads // of more samples even a slow helper does some
	c.alone.Store(alone)
	if alone {
		return s.samples(ctx, dst, src, n, 1)
	}
	c.waited.Store(0)
	c.retreat.offered, c.retreat.taken = 0, 0
	err := s.samples(ctx, dst, src, n, threads)
	end := time.Now()
	c.retreat.account(end, end.Sub(begin), time.Duration(c.waited.Load()), threads)
	return err
}

// samples computes n samples: as many as can be one a thread, the rest one
// after the other.
func (s *Session) samples(ctx context.Context, dst, src []float32, n, threads int) error {
	p := s.plan
	whole := 0
	if threads > 1 && uint64(n) < math.MaxUint32 {
		whole = n - n%threads
	}
	if whole > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.runWhole(ctx, dst[:whole*p.outLen], src[:whole*p.inLen], whole, threads); err != nil {
			return err
		}
	}
	for i := whole; i < n; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.src, s.dst = src[i*p.inLen:(i+1)*p.inLen], dst[i*p.outLen:(i+1)*p.outLen]
		if err := s.runOne(ctx, threads); err != nil {
			return err
		}
	}
	return nil
}

// runOne is the forward pass of one sample, every layer shared between threads.
func (s *Session) runOne(ctx context.Context, threads int) error {
	s.start()
	s.summon(threads - 1)
	s.work(0, true)
	return s.outcome(ctx)
}

// summon asks helpers into the run that was opened, until n look after it.
func (s *Session) summon(n int) {
	if n > 0 {
		h := s.model.helpers
		h.open(s.plan.threads - 1)
		h.join(s, n)
	}
}

// outcome is the error of the run that is over.
func (s *Session) outcome(ctx context.Context) error {
	if s.crew.stop.Load() {
		if f := s.crew.fault.Swap(nil); f != nil {
			return *f
		}
		return ctx.Err()
	}
	return nil
}
