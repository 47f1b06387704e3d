// Package gate decides what runs next: a bounded queue for each model, and a fixed number
// of slots that the models share fairly.
//
// A slot is a goroutine that computes one sample at a time, so that no more samples are
// under way than the machine has cores for. Each model has a clock that runs while its
// samples are computed, and a free slot takes the model whose clock is furthest behind: a
// model that is asked for much cannot starve one that is asked for little, and a
// slow model gets as much time as a fast one, not as many samples (start-time fair queueing, Goyal, Vin and
// Cheng 1996, with time measured and not announced).
package gate

import (
	"context"
	"sync"
	"time"
)

// Gate hands out the slots. All methods are safe for concurrent use.
type Gate struct {
	slots, room int
	seen        Observer

	mu     sync.Mutex
	work   sync.Cond // a sample came, or the gate closed
	lines  map[string]*line
	closed bool
	ended  sync.WaitGroup
}

// Observer is told what happens. Its methods must be quick: some are called with a lock held.
type Observer interface {
	Queue(model string, length int)
	Panic(model string, value any, stack []byte)
}

// line is one model's queue.
type line struct {
	name    string
	waiting []task
	running int
	clock   time.Duration // time that its samples took, in the gate's reckoning
	usual   time.Duration // of one sample, a moving mean
}

// task is sample i of a job.
type task struct {
	job *job
	i   int
}

// New starts a gate of so many slots, and room for so many waiting samples a model.
func New(slots, room int, seen Observer) *Gate {
	g := &Gate{slots: slots, room: room, seen: seen, lines: map[string]*line{}}
	g.work.L = &g.mu
	for range slots {
		g.ended.Go(g.slot)
	}
	return g
}

// Close lets what waits finish, and ends the slots. It returns when they have ended, or
// with the context's error. What comes afterwards is refused.
func (g *Gate) Close(ctx context.Context) error {
	g.mu.Lock()
	g.closed = true
	g.work.Broadcast()
	g.mu.Unlock()
	done := make(chan struct{})
	go func() { g.ended.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slot takes samples until the gate is closed and nothing waits.
func (g *Gate) slot() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		l := g.next()
		if l == nil {
			if g.closed {
				return
			}
			g.work.Wait()
			continue
		}
		t := l.waiting[0]
		l.waiting[0] = task{}
		l.waiting = l.waiting[1:]
		if t.job.err != nil { // another sample of the request failed
			t.job.finish(1, nil)
			continue
		}
		l.running++
		// The clock is advanced by what a sample usually takes, and corrected later:
		// otherwise all free slots would take the same model.
		charged := l.usual
		l.clock += charged
		g.seen.Queue(l.name, len(l.waiting))
		g.mu.Unlock()

		start := time.Now()
		err := t.run(g.seen, l.name)
		took := time.Since(start)

		g.mu.Lock()
		l.running--
		l.clock += took - charged
		l.usual += (took - l.usual) / 8
		t.job.finish(1, err)
	}
}

// next returns the line whose clock is furthest behind among those where samples wait.
func (g *Gate) next() *line {
	var best *line
	for _, l := range g.lines {
		if len(l.waiting) > 0 && (best == nil || l.clock < best.clock || l.clock == best.clock && l.name < best.name) {
			best = l
		}
	}
	return best
}
