package run

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

// A sample that several threads compute is shared step by step, between the
// goroutine that called Run and the pool's.
//
// Every member of the team walks the steps on its own. Part p of a step is member
// p's, so that a thread gets the same channels in consecutive steps. A member does
// its part and then waits until the others' are finished. What it waits for are
// flags that one member writes and the others read, each in a cache line of its own:
// a step costs one line handed over in each direction and no contended writes. If a
// member is not there, or does not come for some microseconds, whoever waits takes
// its part. So nobody waits for a part that nobody has begun, and a thread that the
// operating system has put aside delays a run only by the part it holds. Where that
// happens too often the caller does without the pool for a while (retreat.go).

// team is the threads of a session's runs and what they tell each other.
type team struct {
	run      *run
	whole    sampler // takes part in a run of whole samples
	members  []member
	base     atomic.Uint64 // step i of the run that is under way has number base+i+1; wholeSamples may be set
	_        [120]byte
	pos      atomic.Uint64 // number of the step that the caller is at
	_        [120]byte
	attached atomic.Int32 // threads of the pool that look after this session
	alone    atomic.Bool  // they are to stay away
	waited   atomic.Int64 // nanoseconds of long waits, in this run, for parts of others
	_        [120]byte
	retreat  retreat // the caller's account: it writes it at every step, so the line is its own
}

// member is one thread's place in a team. Steps are numbered through all the runs of
// a session, from 1, so that nothing has to be reset between them.
type member struct {
	claimed  atomic.Uint64 // the last step whose part was taken, by the owner or another
	_        [120]byte
	finished atomic.Uint64 // the last step whose part is done
	_        [120]byte
	present  atomic.Bool // the owner is at work, as far as is known
	_        [124]byte

	// The owner's alone. The worker comes last: its end is padding, so that no other
	// member's flags are in a line with what the owner reads at every step.
	team   *team
	id     int
	base   uint64    // of the run that it is in
	since  time.Time // when the wait that is under way got long
	worker plan.Worker
}

// Polls, of a nanosecond or two each, before a waiting member ...
const (
	spinSteal = 1 << 11 // takes a part whose owner is there but has not begun
	spinPark  = 1 << 14 // parks, where no run is under way, or lets others run
	spinYield = 1 << 9  // ... from then on as often as this
	spinNap   = 1 << 16 // ... and naps each time, unless it is the caller
)

const nap = 50 * time.Microsecond

// No member yields before spinPark: a goroutine that yields may come back on another
// core, and leaves what it had in its cache behind.

// sampler is a run of whole samples that a team's members can take part in.
type sampler interface {
	// join computes samples of run base until none is left, as the team's member id.
	join(base uint64, id int)
}

// wholeSamples marks a team's base: the run is one of whole samples.
const wholeSamples = 1 << 63

func (t *team) init(r *run, m *plan.Memory, whole sampler) {
	t.run, t.whole = r, whole
	t.members = make([]member, r.plan.Threads)
	for i := range t.members {
		x := &t.members[i]
		x.team, x.id, x.worker = t, i, plan.NewWorker(r.plan, m)
	}
	t.members[0].present.Store(true) // the caller always is
}

// open begins a run of the plan's steps, or of whole samples, and returns its base. The
// run is under way once the base is stored.
func (t *team) open() uint64 {
	base := t.base.Load()&^wholeSamples + uint64(len(t.run.plan.Steps))
	t.pos.Store(base)
	return base
}

// lead is the caller's part in the run that was opened: it returns when all steps are
// done.
func (t *team) lead(base uint64) {
	m := &t.members[0]
	m.base = base
	forward(t.run.plan.Steps, 0, m)
}

// join is a pool thread's part in the run that is under way. It returns the run's
// base.
func (m *member) join() uint64 {
	t := m.team
	base := t.base.Load()
	if base&wholeSamples != 0 {
		t.whole.join(base&^wholeSamples, m.id)
		return base
	}
	m.present.Store(true)
	m.base = base
	first := max(0, int(t.pos.Load()-base)) // the steps before are done
	forward(t.run.plan.Steps, first, m)
	m.present.Store(false)
	return base
}

func (m *member) caller() bool { return m.id == 0 }

// step does m's part of step i, waits for the other parts, and does those that
// nobody does.
func (m *member) step(i int, st *plan.Step) bool {
	t, n := m.team, m.base+uint64(i)+1
	if m.caller() {
		t.pos.Store(n - 1)
		t.retreat.offered += st.Parts - 1
	}
	if !m.present.Load() { // somebody has given this member up
		m.present.Store(true)
	}
	if m.id < st.Parts && m.take(n) {
		m.do(st, m.id)
		m.finished.Store(n)
	}
	for p := range st.Parts {
		m.await(st, p, n)
	}
	return true
}

// await returns when part p of the step with number n is done, if need be by m.
func (m *member) await(st *plan.Step, p int, n uint64) {
	owner := &m.team.members[p]
	spin := 1
	for ; owner.finished.Load() < n; spin++ {
		if (spin >= spinSteal || !owner.present.Load()) && owner.take(n) {
			if spin >= spinSteal {
				owner.present.Store(false) // so that its next parts are not waited for
			}
			m.do(st, p)
			owner.finished.Store(n)
			if m.caller() {
				m.team.retreat.taken++
			}
			break
		}
		if spin >= spinPark && spin%spinYield == 0 {
			m.linger(spin)
		}
	}
	if spin > spinPark && m.id < st.Parts {
		m.team.waited.Add(int64(time.Since(m.since)))
	}
}

// take claims the part of member m in step number n. It is false if somebody has.
func (m *member) take(n uint64) bool {
	for {
		last := m.claimed.Load()
		if last >= n {
			return false
		}
		if m.claimed.CompareAndSwap(last, n) {
			return true
		}
	}
}

// do does part p of a step, unless the run is cancelled: then the flags alone go on.
func (m *member) do(st *plan.Step, p int) {
	r := m.team.run
	if m.caller() && r.cancelled() || r.stop.Load() {
		return
	}
	r.do(st, &m.worker, plan.Share{Index: p, Of: st.Parts})
}

// linger is what a member does now and then while it waits for long. The first time
// it looks at the clock. It lets other goroutines run. One of the pool soon naps: the
// thread that it waits for may be in need of this very core.
func (m *member) linger(spin int) {
	if spin == spinPark {
		m.since = time.Now()
	}
	if m.caller() || spin < spinNap {
		runtime.Gosched()
	} else {
		time.Sleep(nap)
	}
}
