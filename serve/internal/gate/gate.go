// Package gate decides what runs next: a bounded queue for each model, and a fixed number
// of slots that the models share fairly.
//
// A slot has one sample at a time, so that no more samples are under way than the machine
// has cores for. Each model has a clock that runs while its samples are computed, and a
// free slot takes the model whose clock is furthest behind: a model that is asked for much
// cannot starve one that is asked for little, and a slow model gets as much time as a fast
// one, not as many samples (start-time fair queueing, Goyal, Vin and Cheng 1996, with time
// measured and not announced). The requests for one model take turns, a sample at a
// time, in the order of their coming.
package gate

import (
	"context"
)

// New starts a gate of so many slots, and room for so many waiting samples a model.
func New(slots, room int, seen Observer) *Gate {
	g := &Gate{slots: slots, room: room, seen: seen, lines: map[string]*line{}, spells: make([]spell, slots)}
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
