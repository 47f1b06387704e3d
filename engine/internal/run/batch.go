package run

import (
	"sync/atomic"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// A batch is shared between threads sample by sample: nothing is handed over between
// layers, and a thread that the operating system has put aside delays a run only by
// the sample that it holds. Only the samples that are left when there are fewer than
// threads are shared step by step.

// batch is a session's runs of whole samples. next and left are written by all; the
// others by the caller, before it opens the run and after the last sample is done.
type batch struct {
	next atomic.Uint64 // the run's number, 32 bits of it, and how many samples nobody has taken yet
	_    [120]byte
	left atomic.Int64 // samples that are not finished
	_    [120]byte

	run      *run
	caller   *solo
	total    int
	src, dst []float32
	last     *solo  // in whose memory the last sample was computed
	mates    []solo // of the pool's threads, by member less 1; made with the first batch
}

// compute computes n samples, each on one of so many threads of team t.
func (b *batch) compute(t *team, p *Pool, dst, src []float32, n, threads int) {
	b.prepare()
	b.src, b.dst, b.total = src, dst, n
	b.left.Store(int64(n))
	base := t.open()
	b.next.Store(base<<32 | uint64(n))
	t.base.Store(base | wholeSamples)
	p.summon(t, threads-1)

	mine := b.take(base, b.caller)
	t.retreat.offered += n - n/threads
	t.retreat.taken += max(0, mine-n/threads)
	caller := &t.members[0]
	spin := 1
	for ; b.left.Load() > 0; spin++ {
		if spin >= spinPark && spin%spinYield == 0 {
			caller.linger(spin)
		}
	}
	if spin > spinPark {
		t.waited.Add(int64(time.Since(caller.since)))
	}
	if b.last != nil && b.last != b.caller {
		b.caller.worker.CopyStates(b.last.worker.Memory)
	}
	b.src, b.dst, b.last = nil, nil, nil
}

// prepare makes the pool's threads memory of their own, with the caller's states.
func (b *batch) prepare() {
	if b.mates == nil {
		b.mates = make([]solo, b.run.plan.Threads-1)
		for i := range b.mates {
			b.mates[i] = solo{b.run, plan.NewWorker(b.run.plan, plan.NewMemory(b.run.plan))}
		}
	}
	for i := range b.mates {
		b.mates[i].worker.CopyStates(b.caller.worker.Memory)
	}
}

// join is take for a member of the team that is not the caller.
func (b *batch) join(base uint64, id int) { b.take(base, &b.mates[id-1]) }

// take computes samples of run base until none is left, and returns how many it did.
// After it has taken the last one it touches nothing of a run that may be over.
func (b *batch) take(base uint64, w *solo) (done int) {
	for {
		v := b.next.Load()
		if uint32(v>>32) != uint32(base) || uint32(v) == 0 {
			return done
		}
		if !b.next.CompareAndSwap(v, v-1) {
			continue
		}
		i := b.total - int(uint32(v))
		in, out := b.run.plan.InLen, b.run.plan.OutLen
		w.sample(b.dst[i*out:(i+1)*out], b.src[i*in:(i+1)*in])
		if i == b.total-1 {
			b.last = w
		}
		b.left.Add(-1)
		done++
	}
}

// free drops the memory of the pool's threads. The list stays: a thread that comes late
// may look at it.
func (b *batch) free() {
	for i := range b.mates {
		b.mates[i].worker.Free()
	}
}
