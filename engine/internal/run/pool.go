package run

import (
	"sync"
	"sync/atomic"
	"time"
)

// Pool is a model's worker pool: the threads that help the callers of its sessions.
// They start with the first run that can use them and end with Close. Any number of
// sessions may share a pool.
type Pool struct {
	once    sync.Once
	idle    chan *helper // those that wait for a run
	closed  atomic.Bool
	helpers []*helper
	wg      sync.WaitGroup
}

// helper is a thread of a pool.
type helper struct {
	id     int // as a team's member: 1 and up
	next   atomic.Pointer[Session]
	parked atomic.Bool
	wake   chan struct{}
}

// summon asks idle threads into the run of s that was opened, until n look after it.
func (p *Pool) summon(s *Session, n int) {
	if n < 1 {
		return
	}
	p.open(s.plan.Threads - 1)
	for int(s.team.attached.Load()) < n {
		select {
		case h := <-p.idle:
			s.team.attached.Add(1)
			h.next.Store(s)
			if h.parked.Load() {
				select {
				case h.wake <- struct{}{}:
				default:
				}
			}
		default:
			return
		}
	}
}

// open starts n threads, the first time.
func (p *Pool) open(n int) {
	p.once.Do(func() {
		p.idle = make(chan *helper, n)
		for i := range n {
			h := &helper{id: i + 1, wake: make(chan struct{}, 1)}
			p.helpers = append(p.helpers, h)
			p.wg.Add(1)
			go p.loop(h)
		}
	})
}

// loop is a thread's life: it waits, spinning at first and then parked, until a run
// wants it.
func (p *Pool) loop(h *helper) {
	defer p.wg.Done()
	time.Sleep(time.Nanosecond) // a goroutine's first nap allocates
	p.idle <- h
	for spin := 1; ; spin++ {
		if s := h.next.Swap(nil); s != nil {
			p.attend(h, s)
			p.idle <- h
			spin = 1
			continue
		}
		if p.closed.Load() {
			return
		}
		if spin < spinPark {
			continue
		}
		h.parked.Store(true)
		if h.next.Load() == nil && !p.closed.Load() {
			<-h.wake
		}
		h.parked.Store(false)
		spin = 1
	}
}

// attend works for s, and stays for some microseconds in case that its caller runs
// it again at once.
func (p *Pool) attend(h *helper, s *Session) {
	for again := true; again && !s.team.alone.Load(); {
		base := s.team.members[h.id].join()
		again = false
		for spin := 1; spin < spinPark && !p.closed.Load(); spin++ {
			if again = s.team.base.Load() != base; again {
				break
			}
		}
	}
	s.team.attached.Add(-1)
}

// Close ends all threads and waits for them. Runs under way go on, on their callers'
// threads. It may be called more than once.
func (p *Pool) Close() {
	p.once.Do(func() {}) // not opened: never will be
	if p.closed.Swap(true) {
		return
	}
	for _, h := range p.helpers {
		select {
		case h.wake <- struct{}{}:
		default:
		}
	}
	p.wg.Wait()
}
