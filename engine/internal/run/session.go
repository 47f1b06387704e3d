package run

import (
	"context"
	"math"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// Session runs a plan. It is one goroutine's at a time.
type Session struct {
	Memory *plan.Memory // of the runs of single samples
	Most   int          // threads of a run, if it is not 0

	run   run
	pool  *Pool
	solo  solo
	team  team
	batch batch
}

// NewSession allocates what running p takes. A run shares its work with pool.
func NewSession(p *plan.Plan, pool *Pool) *Session {
	s := &Session{Memory: plan.NewMemory(p), pool: pool}
	s.run.plan = p
	s.solo = solo{&s.run, plan.NewWorker(p, s.Memory)}
	s.batch.run, s.batch.caller = &s.run, &s.solo
	s.team.init(&s.run, s.Memory, &s.batch)
	return s
}

// Free drops the session's memory. The session cannot be used afterwards.
func (s *Session) Free() {
	s.Memory.Free()
	s.batch.free()
}

// Run computes n samples of src into dst. Each has p.InLen elements there and
// p.OutLen here. It returns when they are done, or ctx is: then with ctx's error,
// and dst holds the samples that were finished before.
func (s *Session) Run(ctx context.Context, dst, src []float32, n int) error {
	s.run.done = ctx.Done()
	defer func() { s.run.done = nil }()
	// More runnable threads than processors would only spin against each other.
	threads := min(s.run.plan.Threads, runtime.GOMAXPROCS(0))
	if s.Most > 0 {
		threads = min(threads, s.Most)
	}
	t := &s.team
	if threads == 1 {
		t.alone.Store(true) // threads that wait for this session's next run go away
		return s.samples(ctx, dst, src, n, 1)
	}
	begin := time.Now()
	// A long batch is always shared: even a slow thread finishes some of its samples.
	alone := t.retreat.holds(begin) && n < 4*threads
	t.alone.Store(alone)
	if alone {
		return s.samples(ctx, dst, src, n, 1)
	}
	t.waited.Store(0)
	t.retreat.offered, t.retreat.taken = 0, 0
	err := s.samples(ctx, dst, src, n, threads)
	end := time.Now()
	t.retreat.account(end, end.Sub(begin), time.Duration(t.waited.Load()), threads)
	return err
}

// samples computes n samples: as many as can be one a thread, the rest one after
// the other.
func (s *Session) samples(ctx context.Context, dst, src []float32, n, threads int) error {
	in, out := s.run.plan.InLen, s.run.plan.OutLen
	whole := 0
	if threads > 1 && uint64(n) < math.MaxUint32 {
		whole = n - n%threads
	}
	for i := 0; i < n; {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.run.stop.Store(false)
		next := i + 1
		switch {
		case i < whole:
			next = whole
			s.batch.compute(&s.team, s.pool, dst[:whole*out], src[:whole*in], whole, threads)
		case threads == 1:
			s.solo.sample(dst[i*out:(i+1)*out], src[i*in:(i+1)*in])
		default:
			s.share(dst[i*out:(i+1)*out], src[i*in:(i+1)*in], threads)
		}
		if err := s.run.outcome(ctx); err != nil {
			return err
		}
		i = next
	}
	return nil
}

// share computes one sample with so many threads.
func (s *Session) share(dst, src []float32, threads int) {
	s.Memory.In, s.Memory.Out = src, dst
	base := s.team.open()
	s.team.base.Store(base)
	s.pool.summon(&s.team, threads-1)
	s.team.lead(base)
	s.Memory.In, s.Memory.Out = nil, nil
}

// Profile computes one sample on the calling goroutine and writes what each step
// took to times. Its error is ctx's.
func (s *Session) Profile(ctx context.Context, dst, src []float32, times []time.Duration) error {
	s.Memory.In, s.Memory.Out = src, dst
	defer func() { s.Memory.In, s.Memory.Out = nil, nil }()
	forward(s.run.plan.Steps, 0, &timed{ctx, &s.solo.worker, time.Now(), times})
	return ctx.Err()
}
