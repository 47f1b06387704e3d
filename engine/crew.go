package engine

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A run of a plan is shared between the goroutine that called Run and helpers.
//
// Every worker goes through the steps on its own. Part p of a step is worker
// p's, so that a thread gets the same channels in consecutive steps; a worker
// does its part and then waits until the others' are finished. What it waits for
// are flags that one worker writes and the others read, each in a cache line of
// its own: a step costs one line handed over in each direction and no contended
// writes. If a worker is not there, or does not come for some microseconds,
// whoever waits takes its part: nobody waits for a part that nobody has begun, so a helper that
// the operating system has put aside delays a run only by the part it holds.
// Where that happens too often the caller does without helpers for a while (retreat.go).

// lane is one worker's flags in a session. Steps are numbered through all the
// runs of a session, from 1, so that nothing has to be reset between them.
type lane struct {
	claimed  atomic.Uint64 // the last step whose part was taken, by the owner or another
	_        [120]byte
	finished atomic.Uint64 // the last step whose part is done
	_        [120]byte
	present  atomic.Bool // the owner is at work, as far as is known
	_        [124]byte
}

// crew is a session's run state.
type crew struct {
	lanes    []lane
	base     atomic.Uint64 // step i of the run that is under way has number base+i+1; wholeRun may be set
	_        [120]byte
	pos      atomic.Uint64 // number of the step that the caller is at
	_        [120]byte
	attached atomic.Int32 // helpers that look after this session
	stop     atomic.Bool  // skip what is left
	alone    atomic.Bool  // helpers are to stay away
	waited   atomic.Int64 // nanoseconds of long waits, in this run, for parts of others
	fault    atomic.Pointer[error]
	_        [120]byte
	retreat  retreat // the caller's
}

// Polls, of a nanosecond or two each, before a waiting worker ...
const (
	spinSteal = 1 << 11 // takes a part whose owner is there but has not begun
	spinPark  = 1 << 14 // parks, where no run is under way, or lets others run
	spinYield = 1 << 9  // ... from then on as often as this
	spinNap   = 1 << 16 // ... and naps each time (a helper)
)

const nap = 50 * time.Microsecond

// No worker yields before spinPark: a goroutine that yields may come back on
// another core, and leaves what it had in its cache behind.

// start opens a run.
func (s *Session) start() {
	c := &s.crew
	c.stop.Store(false)
	base := c.base.Load()&^wholeRun + uint64(len(s.plan.steps))
	c.pos.Store(base)
	c.base.Store(base)
}

// take claims part p of step number n; false if somebody has.
func (c *crew) take(p int, n uint64) bool {
	l := &c.lanes[p].claimed
	for {
		last := l.Load()
		if last >= n {
			return false
		}
		if l.CompareAndSwap(last, n) {
			return true
		}
	}
}

// work goes through the run until it is over and returns the run's base.
func (s *Session) work(id int, caller bool) uint64 {
	c := &s.crew
	steps := s.plan.steps
	w := &s.workers[id]
	base, at := c.base.Load(), 0
	if base&wholeRun != 0 {
		s.takeSamples(base&^wholeRun, s.batch.mates[id-1])
		return base
	}
	if !caller {
		c.lanes[id].present.Store(true)
		defer c.lanes[id].present.Store(false)
		at = max(0, int(c.pos.Load()-base)) // the steps before are done
	}
	for ; at < len(steps); at++ {
		n := base + uint64(at) + 1
		if caller {
			c.pos.Store(n - 1)
		}
		parts := steps[at].parts
		if caller {
			c.retreat.offered += parts - 1
		}
		if !c.lanes[id].present.Load() { // somebody has given this worker up
			c.lanes[id].present.Store(true)
		}
		if id < parts && c.take(id, n) {
			s.do(w, at, id, caller)
			c.lanes[id].finished.Store(n)
		}
		for p := range parts {
			l := &c.lanes[p]
			spin := 1
			for ; l.finished.Load() < n; spin++ {
				if (spin >= spinSteal || !l.present.Load()) && c.take(p, n) {
					if spin >= spinSteal {
						l.present.Store(false) // so that the next parts are not waited for
					}
					s.do(w, at, p, caller)
					l.finished.Store(n)
					if caller {
						c.retreat.taken++
					}
					break
				}
				if spin >= spinPark && spin%spinYield == 0 {
					w.linger(spin, caller)
				}
			}
			if spin > spinPark && id < parts {
				c.waited.Add(int64(time.Since(w.since)))
			}
		}
	}
	return base
}

// linger is what a worker does now and then while it waits for long. The first
// time it looks at the clock. It lets other goroutines run; a helper soon naps:
// the worker that it waits for may be in need of this very core.
func (w *worker) linger(spin int, caller bool) {
	if spin == spinPark {
		w.since = time.Now()
	}
	if caller || spin < spinNap {
		runtime.Gosched()
	} else {
		time.Sleep(nap)
	}
}

// do runs one part. A panic (a bug, never a bad input) is kept and ends the run
// as an error: it must not take down helpers that others need.
func (s *Session) do(w *worker, step, part int, caller bool) {
	if caller && s.done != nil {
		select {
		case <-s.done:
			s.crew.stop.Store(true)
		default:
		}
	}
	if s.crew.stop.Load() {
		return
	}
	s.call(s, step, part, w, s.plan.steps[step].run)
}

// call runs one part of a step in m's memory.
func (s *Session) call(m *Session, step, part int, w *worker, r runner) {
	defer func() {
		if r := recover(); r != nil {
			st := &s.plan.steps[step]
			err := fmt.Errorf("node %q (%s): internal error: %v", st.name, st.op, r)
			s.crew.fault.CompareAndSwap(nil, &err)
			s.crew.stop.Store(true)
		}
	}()
	r.run(m, w, part)
}

// helper is a parked goroutine that joins runs.
type helper struct {
	id     int // worker index, 1 and up
	next   atomic.Pointer[Session]
	parked atomic.Bool
	wake   chan struct{}
}

// helpers are a model's threads beside its callers'. They start with the first
// run that can use them and end with Close.
type helpers struct {
	once   sync.Once
	idle   chan *helper // those that wait for a run
	closed atomic.Bool
	all    []*helper
	wg     sync.WaitGroup
}

func (h *helpers) open(n int) {
	h.once.Do(func() {
		h.idle = make(chan *helper, n)
		for i := range n {
			x := &helper{id: i + 1, wake: make(chan struct{}, 1)}
			h.all = append(h.all, x)
			h.wg.Add(1)
			go h.loop(x)
		}
	})
}

// join asks idle helpers into the run of s until n look after it.
func (h *helpers) join(s *Session, n int) {
	for int(s.crew.attached.Load()) < n {
		select {
		case x := <-h.idle:
			s.crew.attached.Add(1)
			x.next.Store(s)
			if x.parked.Load() {
				select {
				case x.wake <- struct{}{}:
				default:
				}
			}
		default:
			return
		}
	}
}

func (h *helpers) loop(x *helper) {
	defer h.wg.Done()
	time.Sleep(time.Nanosecond) // a goroutine's first nap allocates
	h.idle <- x
	for spin := 1; ; spin++ {
		if s := x.next.Swap(nil); s != nil {
			h.attend(x, s)
			h.idle <- x
			spin = 1
			continue
		}
		if h.closed.Load() {
			return
		}
		if spin < spinPark {
			continue
		}
		x.parked.Store(true)
		if x.next.Load() == nil && !h.closed.Load() {
			<-x.wake
		}
		x.parked.Store(false)
		spin = 1
	}
}

// attend works for s, and stays for some microseconds in case that its caller
// runs it again at once.
func (h *helpers) attend(x *helper, s *Session) {
	c := &s.crew
	for again := true; again && !c.alone.Load(); {
		base := s.work(x.id, false)
		again = false
		for spin := 1; spin < spinPark && !h.closed.Load(); spin++ {
			if again = c.base.Load() != base; again {
				break
			}
		}
	}
	c.attached.Add(-1)
}

// close ends all helpers and waits for them.
func (h *helpers) close() {
	h.once.Do(func() {}) // not opened: never will be
	if h.closed.Swap(true) {
		return
	}
	for _, x := range h.all {
		select {
		case x.wake <- struct{}{}:
		default:
		}
	}
	h.wg.Wait()
}
