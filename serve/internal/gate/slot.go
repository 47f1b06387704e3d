package gate

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

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
		threads := g.lend(t.job.most)
		g.mu.Unlock()

		start := time.Now()
		err := t.run(g.seen, l.name, threads)
		took := time.Since(start)

		g.mu.Lock()
		g.taken -= threads
		l.running--
		l.clock += took - charged
		l.usual += (took - l.usual) / 8
		t.job.finish(1, err)
	}
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
		if len(l.waiting) > 0 && (best == nil || l.clock < best.clock || l.clock == best.clock && l.name < best.name) {
			best = l
		}
	}
	return best
}

// run computes a sample, or nothing if its request has ended or failed already.
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
