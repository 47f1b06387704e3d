package engine

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// A run of a plan is shared between the goroutine that called Run and helpers.
//
// The state of a run is one word: which step it is at, and which of that
// step's parts are taken. Whoever takes a part does it; whoever finishes a
// step's last part moves the run on. Nobody waits for anybody who has not taken a
// part, so a helper that the operating system has put aside delays a run only
// by the part it holds, and one that comes late finds less to do. Helpers spin
// for some microseconds when there is nothing to take, then park.

// crew is a session's run state.
type crew struct {
	state atomic.Uint64 // step<<32 | mask of taken parts
	_     [56]byte      // its own cache line
	done  atomic.Int32  // parts finished of this step
	_     [60]byte
	stop  atomic.Bool // skip what is left
	fault atomic.Pointer[error]
}

// spins before a waiting helper lets others run, and before it parks.
const (
	spinYield = 128
	spinPark  = 1 << 14
)

// start opens a run; step 0 can be taken from now on.
func (s *Session) start() {
	s.crew.stop.Store(false)
	s.crew.done.Store(0)
	s.crew.state.Store(0)
}

// work takes and does parts until the run is over (caller), or until there has
// been nothing to take for a while (helper). id chooses the worker's scratch and
// the part that it tries first, so that a thread gets the same channels in
// consecutive steps.
func (s *Session) work(id int, caller bool) {
	c := &s.crew
	steps := s.plan.steps
	w := &s.workers[id]
	for idle := 0; ; {
		st := c.state.Load()
		step := int(st >> 32)
		if step >= len(steps) {
			return
		}
		parts := steps[step].parts
		free := ^uint32(st) & (1<<uint(parts) - 1)
		if free == 0 {
			idle++
			if idle%spinYield == 0 {
				if !caller && idle >= spinPark {
					return
				}
				runtime.Gosched()
			}
			continue
		}
		part := id % parts
		if free>>uint(part)&1 == 0 {
			for part = 0; free>>uint(part)&1 == 0; part++ {
			}
		}
		if !c.state.CompareAndSwap(st, st|1<<uint(part)) {
			continue
		}
		idle = 0
		s.do(w, step, part, caller)
		if int(c.done.Add(1)) == parts {
			c.done.Store(0)
			c.state.Store(uint64(step+1) << 32)
		}
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
	defer func() {
		if r := recover(); r != nil {
			st := &s.plan.steps[step]
			err := fmt.Errorf("node %q (%s): internal error: %v", st.name, st.op, r)
			s.crew.fault.CompareAndSwap(nil, &err)
			s.crew.stop.Store(true)
		}
	}()
	s.plan.steps[step].run.run(s, w, part)
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

// join asks up to n idle helpers into the run of s.
func (h *helpers) join(s *Session, n int) {
	for range n {
		select {
		case x := <-h.idle:
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
	h.idle <- x
	for spin := 0; ; spin++ {
		if s := x.next.Swap(nil); s != nil {
			s.work(x.id, false)
			h.idle <- x
			spin = 0
			continue
		}
		if h.closed.Load() {
			return
		}
		if spin < spinPark {
			if spin%spinYield == 0 {
				runtime.Gosched()
			}
			continue
		}
		x.parked.Store(true)
		if x.next.Load() == nil && !h.closed.Load() {
			<-x.wake
		}
		x.parked.Store(false)
		spin = 0
	}
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
