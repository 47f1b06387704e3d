package gate

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// slot takes samples until the gate is closed, and nothing waits or is under way.
func (g *Gate) slot() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		l := g.next()
		switch {
		case l != nil && g.busy < g.slots:
			g.compute(l, g.take(l))
		case g.closed && l == nil && g.under == 0:
			return
		default:
			g.work.Wait()
		}
	}
}

// compute computes a sample in a slot that is free. The lock is held when it is called and
// when it returns, and not meanwhile.
func (g *Gate) compute(l *line, t task) {
	at := 0
	for g.spells[at].line != nil {
		at++
	}
	g.spells[at] = spell{time.Now(), l, t.job}
	g.busy++
	g.watch()
	threads := g.lend(t.job.most)
	g.run(l, t, threads)
	g.taken -= threads
	g.busy--
	g.spells[at] = spell{}
	if g.closed {
		g.work.Broadcast()
	}
}

// run computes a sample and counts it. The lock is as for compute.
func (g *Gate) run(l *line, t task, threads int) {
	g.under++
	l.running++
	// The clock is advanced by what a sample usually takes, and corrected later:
	// otherwise all free slots would take the same model.
	charged := l.usual
	l.clock += charged
	g.mu.Unlock()

	start := time.Now()
	err := t.run(g.seen, l.name, threads)
	took := time.Since(start)

	g.mu.Lock()
	g.under--
	l.running--
	l.clock += took - charged
	l.took(took)
	n := 1
	if err != nil { // the request has failed: its other samples need not run
		n += l.leave(t.job)
		g.seen.Queue(l.name, l.waiting)
	}
	t.job.finish(n, err)
}

// take takes the sample whose turn it is from a line.
func (g *Gate) take(l *line) task { return g.takeOf(l, l.jobs[0]) }

// takeOf takes the next sample of a job from its line.
func (g *Gate) takeOf(l *line, j *job) task {
	t := l.take(j)
	g.seen.Queue(l.name, l.waiting)
	return t
}

// lend takes a slot, and those that would be idle beside it, so many in all at most: a sample
// that nobody waits behind may have their processors. They are not taken back when others
// come before its end, which is soon.
func (g *Gate) lend(most int) (threads int) {
	threads = 1
	if g.next() == nil {
		threads = max(1, min(most, g.slots-g.taken))
	}
	g.taken += threads
	return threads
}

// next returns the line whose clock is furthest behind among those where samples wait.
func (g *Gate) next() *line {
	var best *line
	for _, l := range g.lines {
		if l.waiting > 0 && (best == nil || l.clock < best.clock || l.clock == best.clock && l.name < best.name) {
			best = l
		}
	}
	return best
}

// run computes a sample, or nothing if its request has ended already.
func (t task) run(seen Observer, model string, threads int) (err error) {
	defer func() {
		if v := recover(); v != nil {
			seen.Panic(model, v, debug.Stack())
			err = fault.New(fault.Internal, "model %s: the server's own error on sample %d", model, t.i)
		}
	}()
	if err := t.job.ctx.Err(); err != nil {
		return fmt.Errorf("model %s: sample %d: %w", model, t.i, err)
	}
	return t.job.f(t.job.ctx, t.i, threads)
}
