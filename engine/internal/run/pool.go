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
	next   atomic.Pointer[team]
	parked atomic.Bool
	wake   chan struct{}
}

// summon asks idle threads into the run of t that is under way, until n look after it.
func (p *Pool) summon(t *team, n int) {
	if n < 1 {
		return
	}
	p.open(len(t.members) - 1)
	for int(t.attached.Load()) < n {
		select {
		case h := <-p.idle:
			t.attached.Add(1)
			h.next.Store(t)
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
		if t := h.next.Swap(nil); t != nil {
			p.attend(h, t)
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

// attend works for t, and stays for some microseconds in case that its caller runs
// it again at once.
func (p *Pool) attend(h *helper, t *team) {
	for again := true; again && !t.alone.Load(); {
		base := t.members[h.id].join()
		again = false
		for spin := 1; spin < spinPark && !p.closed.Load(); spin++ {
			if again = t.base.Load() != base; again {
				break
			}
		}
	}
	t.attached.Add(-1)
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
