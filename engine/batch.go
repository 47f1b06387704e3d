package engine

import (
	"context"
	"sync/atomic"
	"time"
)

// A batch is shared between threads sample by sample: nothing is handed over
// between layers, and a helper that the operating system has put aside delays a
// run only by the sample that it holds. Only the samples that are left when there are fewer
// than threads are cut layer by layer.

// batch is the part of a session's run state that a run of whole samples needs.
// next and left are written by all; the others by the caller, before it opens the
// run and after the last sample is done.
type batch struct {
	next atomic.Uint64 // the run's number, 32 bits of it, and how many samples nobody has taken yet
	_    [120]byte
	left atomic.Int64 // samples that are not finished
	_    [120]byte

	total    int
	src, dst []float32
	last     *Session   // in whose memory the last sample was computed
	mates    []*Session // memory of the helpers, by worker index less 1; made with the first batch
}

// wholeRun marks a base, in crew: the run is one of whole samples.
const wholeRun = 1 << 63

// runWhole computes n samples, each on one of threads threads.
func (s *Session) runWhole(ctx context.Context, dst, src []float32, n, threads int) error {
	b := &s.batch
	for len(b.mates) < s.plan.threads-1 {
		b.mates = append(b.mates, newSession(s.model, 1))
	}
	for _, m := range b.mates {
		m.followInjected(s)
	}
	b.src, b.dst, b.total = src, dst, n
	b.left.Store(int64(n))
	c := &s.crew
	c.stop.Store(false)
	base := c.base.Load()&^wholeRun + uint64(len(s.plan.steps))
	c.pos.Store(base)
	b.next.Store(base<<32 | uint64(n))
	c.base.Store(base | wholeRun)
	s.summon(threads - 1)

	mine := s.takeSamples(base, s)
	c.retreat.offered += n - n/threads
	c.retreat.taken += max(0, mine-n/threads)
	spin := 1
	for ; b.left.Load() > 0; spin++ {
		if spin >= spinPark && spin%spinYield == 0 {
			s.workers[0].linger(spin, true)
		}
	}
	if spin > spinPark {
		c.waited.Add(int64(time.Since(s.workers[0].since)))
	}
	if b.last != nil && b.last != s {
		for i := range s.generators {
			copy(s.generators[i].sigma, b.last.generators[i].sigma)
			copy(s.generators[i].tau, b.last.generators[i].tau)
		}
	}
	b.src, b.dst, b.last = nil, nil, nil
	return s.outcome(ctx)
}

// takeSamples computes samples of run base in m's memory until none is left, and
// returns how many it did. After it has taken the last one it touches nothing of a
// run that may be over.
func (s *Session) takeSamples(base uint64, m *Session) (done int) {
	b := &s.batch
	for {
		v := b.next.Load()
		if uint32(v>>32) != uint32(base) || uint32(v) == 0 {
			return done
		}
		if !b.next.CompareAndSwap(v, v-1) {
			continue
		}
		i := b.total - int(uint32(v))
		s.sample(m, i)
		if i == b.total-1 {
			b.last = m
		}
		b.left.Add(-1)
		done++
	}
}

// sample computes sample i in m's memory.
func (s *Session) sample(m *Session, i int) {
	in, out := s.plan.inLen, s.plan.outLen
	m.src, m.dst = s.batch.src[i*in:(i+1)*in], s.batch.dst[i*out:(i+1)*out]
	defer func() { m.src, m.dst = nil, nil }()
	for step := range s.plan.steps {
		if s.done != nil {
			select {
			case <-s.done:
				s.crew.stop.Store(true)
			default:
			}
		}
		if s.crew.stop.Load() {
			return
		}
		s.call(m, step, 0, &m.workers[0], s.plan.steps[step].one)
	}
}

// followInjected takes over the permutations that were injected into s.
func (m *Session) followInjected(s *Session) {
	for i := range s.generators {
		from, to := &s.generators[i], &m.generators[i]
		if to.fixed = from.fixed; to.fixed {
			copy(to.sigma, from.sigma)
			copy(to.tau, from.tau)
		}
	}
}
