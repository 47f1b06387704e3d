package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
)

// race times all rows, interleaved: in each round every row has its turn, in an
// order that is drawn anew, so that whatever else the machine does meets all of
// them alike. A turn begins with runs that are not timed, which bring back what
// the others pushed out of the caches.
func (b *bench) race(ctx context.Context) error {
	defer b.finish()
	for _, e := range b.runs {
		b.progress.say("warming up " + b.row(e).label())
		if err := b.calibrate(ctx, e); err != nil {
			return err
		}
	}
	rng := rand.New(rand.NewPCG(1, uint64(len(b.runs))))
	for round := range b.rounds {
		runtime.GC() // now, and not in somebody's turn
		for k, i := range rng.Perm(len(b.runs)) {
			b.progress.set(round*len(b.runs)+k, b.rounds*len(b.runs))
			if err := b.turn(ctx, b.runs[i]); err != nil {
				b.rep.Interrupted, b.rep.Partial = round, true
				return err
			}
		}
	}
	return b.failures()
}

// calibrate warms a row up and decides how many runs a turn of it has.
func (b *bench) calibrate(ctx context.Context, e *entry) error {
	const enough = 50e6 // ns
	best, spent := math.Inf(1), 0.0
	for n := 1; ; n = min(2*n, 256) {
		ns, _, err := e.c.time(ctx, 0, n)
		if err != nil {
			return b.lost(ctx, e, err)
		}
		for _, t := range ns {
			best, spent = min(best, t), spent+t
		}
		if spent >= enough {
			break
		}
	}
	turn := float64(b.benchtime) / float64(b.rounds)
	e.n = int(min(100_000, max(1, turn/best)))
	e.warm = int(min(1000, max(1, min(turn/10, 5e6)/best)))
	return nil
}

func (b *bench) turn(ctx context.Context, e *entry) error {
	r := b.row(e)
	if r.Error != "" {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ns, allocs, err := e.c.time(ctx, e.warm, e.n)
	if err != nil {
		return b.lost(ctx, e, err)
	}
	s := summarize(ns)
	r.RoundP50, r.RoundMin, r.RoundN = append(r.RoundP50, s.P50), append(r.RoundMin, s.Min), append(r.RoundN, s.N)
	e.all = append(e.all, ns...)
	if allocs >= 0 {
		e.allocs = append(e.allocs, allocs)
	}
	return nil
}

// lost notes that a row cannot go on; the others can. An interrupt is no fault
// of the row's.
func (b *bench) lost(ctx context.Context, e *entry, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.row(e).Error = err.Error()
	return nil
}

// failures is an error if rows were lost.
func (b *bench) failures() error {
	var errs []error
	for i := range b.rep.Rows {
		if r := &b.rep.Rows[i]; r.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", r.label(), r.Error))
		}
	}
	return errors.Join(errs...)
}

// finish computes what follows from the times.
func (b *bench) finish() {
	macs := map[string]int64{}
	for _, n := range b.rep.Networks {
		macs[n.Name] = n.MACs
	}
	for _, e := range b.runs {
		r := b.row(e)
		r.Stats = summarize(e.all)
		if r.N == 0 {
			continue
		}
		if len(e.allocs) > 0 {
			r.Allocs = median(e.allocs)
		}
		r.GFLOPS = 2 * float64(macs[r.Network]*int64(r.Batch)) / r.P50
		r.PeakShare = r.GFLOPS / b.rep.Machine.peak() / float64(r.Threads)
	}
	b.rep.Ratios = ratios(b.rep)
	b.spread()
}

// spread warns of rows whose times vary so much that small differences mean
// nothing.
func (b *bench) spread() {
	for i := range b.rep.Rows {
		r := &b.rep.Rows[i]
		if r.N == 0 {
			continue
		}
		if wide := r.P90/r.P50 - 1; wide > 0.25 {
			b.warn("%s: wide spread: the slowest tenth took %.0f %% longer than the median", r.label(), 100*wide)
		}
		lo, hi := math.Inf(1), 0.0
		for _, m := range r.RoundP50 {
			lo, hi = min(lo, m), max(hi, m)
		}
		if hi/lo > 1.25 {
			b.warn("%s: the medians of rounds lie between %s and %s", r.label(), duration(lo), duration(hi))
		}
	}
}
