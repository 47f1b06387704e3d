package gate

import (
	"context"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// Do runs f for each sample i of a request in the model's slots, some of them at once, and
// returns the first error. threads is how many the sample may use: 1, or as many as
// r.Threads while other slots would be idle. All or nothing is admitted: if the samples do not fit into the
// model's queue, the error is fault.Busy and nothing runs. Of a request of many samples
// at most half the queue's room counts, so that an empty queue takes any number. When ctx
// ends, samples that wait are dropped; Do returns when those under way have ended. A
// panic of f becomes an error, and is told to the observer.
func (g *Gate) Do(ctx context.Context, model string, r Request, f func(ctx context.Context, i, threads int) error) error {
	n := r.Samples
	if n == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	j := &job{ctx: ctx, f: f, most: r.Threads, weight: r.Weight, n: n, left: n, done: make(chan struct{})}
	g.mu.Lock()
	l := g.line(model)
	if err := g.refuse(l, n); err != nil {
		g.mu.Unlock()
		return err
	}
	g.wake(l)
	if n == 1 && g.busy < g.slots && g.next() == nil {
		// A slot is free, and nobody would be overtaken: the sample is computed here.
		// Handing it to another goroutine, and the answer back, wakes two threads.
		j.next = 1
		g.compute(l, task{j, 0})
		if g.next() != nil {
			g.work.Signal() // the slot is free
		}
		g.mu.Unlock()
		return j.err
	}
	l.join(j)
	g.seen.Queue(model, l.waiting)
	if n == 1 {
		g.work.Signal()
	} else {
		g.work.Broadcast()
	}
	g.watch()
	g.mu.Unlock()
	select {
	case <-j.done:
	case <-ctx.Done():
		g.drop(l, j)
		<-j.done
	}
	return j.err
}

// Refuses says whether n more samples of a model would be refused now: an early look
// before a body is read. The error is what Do would return.
func (g *Gate) Refuses(model string, n int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refuse(g.line(model), n)
}

// Forget drops the queue of a model that is gone for good. If it is still in use, it
// stays.
func (g *Gate) Forget(model string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if l := g.lines[model]; l != nil && l.waiting == 0 && l.running == 0 {
		delete(g.lines, model)
	}
}

// refuse is called with the lock held.
func (g *Gate) refuse(l *line, n int) error {
	if g.closed {
		e := fault.New(fault.Unavailable, "the server is shutting down")
		e.RetryAfter = time.Second
		return e
	}
	if l.fits(n, g.room) {
		return nil
	}
	e := fault.New(fault.Busy, "model %s: %d samples wait, %d more do not fit into a queue of %d", l.name, l.waiting, n, g.room)
	e.RetryAfter = time.Duration(l.waiting+n) * l.usual / time.Duration(g.slots)
	return e
}

// line returns a model's queue, with the lock held.
func (g *Gate) line(model string) *line {
	l := g.lines[model]
	if l == nil {
		l = &line{name: model}
		g.lines[model] = l
	}
	return l
}

// wake sets the clock of a line that was idle: it must not make up for the time in which
// nobody wanted it.
func (g *Gate) wake(l *line) {
	if l.waiting > 0 || l.running > 0 {
		return
	}
	first := true
	var least time.Duration
	for _, o := range g.lines {
		if o != l && (o.waiting > 0 || o.running > 0) && (first || o.clock < least) {
			first, least = false, o.clock
		}
	}
	if !first {
		l.clock = max(l.clock, least)
	}
}

// drop takes the samples of a job that nobody waits for from its queue.
func (g *Gate) drop(l *line, j *job) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := l.leave(j); n > 0 {
		g.seen.Queue(l.name, l.waiting)
		j.finish(n, j.ctx.Err())
	}
}
