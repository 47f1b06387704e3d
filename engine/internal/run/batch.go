package run

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// A batch is shared between threads sample by sample: nothing is handed over between
// layers, and a thread that the operating system has put aside delays a run only by
// the sample that it holds. Only the samples that are left when there are fewer than
// threads are shared step by step.

// batch is the state of a run of whole samples. next and left are written by all;
// the others by the caller, before it opens the run and after the last sample is
// done.
type batch struct {
	next atomic.Uint64 // the run's number, 32 bits of it, and how many samples nobody has taken yet
	_    [120]byte
	left atomic.Int64 // samples that are not finished
	_    [120]byte

	total    int
	src, dst []float32
	last     *solo  // in whose memory the last sample was computed
	mates    []solo // of the pool's threads, by member less 1; made with the first batch
}

// wholeSamples marks a team's base: the run is one of whole samples.
const wholeSamples = 1 << 63

// shareSamples computes n samples, each on one of so many threads.
func (s *Session) shareSamples(ctx context.Context, dst, src []float32, n, threads int) error {
	b := &s.batch
	if b.mates == nil {
		b.mates = make([]solo, s.plan.Threads-1)
		for i := range b.mates {
			b.mates[i] = solo{run: s, worker: plan.NewWorker(plan.NewMemory(s.plan))}
		}
	}
	for i := range b.mates {
		b.mates[i].worker.CopyStates(s.Memory)
	}
	b.src, b.dst, b.total = src, dst, n
	b.left.Store(int64(n))
	s.stop.Store(false)
	base := s.team.open(len(s.plan.Steps))
	b.next.Store(base<<32 | uint64(n))
	s.team.base.Store(base | wholeSamples)
	s.pool.summon(s, threads-1)

	mine := s.takeSamples(base, &s.solo)
	s.retreat.offered += n - n/threads
	s.retreat.taken += max(0, mine-n/threads)
	caller := &s.team.members[0]
	spin := 1
	for ; b.left.Load() > 0; spin++ {
		if spin >= spinPark && spin%spinYield == 0 {
			caller.linger(spin)
		}
	}
	if spin > spinPark {
		s.team.waited.Add(int64(time.Since(caller.since)))
	}
	if b.last != nil && b.last != &s.solo {
		s.Memory.CopyStates(b.last.worker.Memory)
	}
	b.src, b.dst, b.last = nil, nil, nil
	return s.outcome(ctx)
}

// takeSamples computes samples of run base until none is left, and returns how many
// it did. After it has taken the last one it touches nothing of a run that may be
// over.
func (s *Session) takeSamples(base uint64, w *solo) (done int) {
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
		in, out := s.plan.InLen, s.plan.OutLen
		w.worker.In, w.worker.Out = b.src[i*in:(i+1)*in], b.dst[i*out:(i+1)*out]
		forward(s.plan.Steps, 0, w)
		w.worker.In, w.worker.Out = nil, nil
		if i == b.total-1 {
			b.last = w
		}
		b.left.Add(-1)
		done++
	}
}
