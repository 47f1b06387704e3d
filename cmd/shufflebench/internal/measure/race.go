package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

// race times all rows, interleaved: in each round every row has its turn, in an
// order that is drawn anew. So whatever else the machine does meets all rows alike.
// A turn begins with runs that are not timed. They bring back what the other rows
// pushed out of the caches.
func (b *bench) race(ctx context.Context) error {
	defer b.finish()
	for _, e := range b.runs {
		b.line.Say("warming up " + b.row(e).Label())
		if err := b.calibrate(ctx, e); err != nil {
			return err
		}
	}
	rng := rand.New(rand.NewPCG(1, uint64(len(b.runs))))
	for round := range b.Rounds {
		runtime.GC() // now, and not in somebody's turn
		for k, i := range rng.Perm(len(b.runs)) {
			b.line.Bar(round*len(b.runs)+k, b.Rounds*len(b.runs))
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
		ns, _, err := e.c.Time(ctx, 0, n)
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
	turn := float64(b.Benchtime) / float64(b.Rounds)
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
	ns, allocs, err := e.c.Time(ctx, e.warm, e.n)
	if err != nil {
		return b.lost(ctx, e, err)
	}
	s := stats.Summarize(ns)
	r.RoundP50, r.RoundMin, r.RoundN = append(r.RoundP50, s.P50), append(r.RoundMin, s.Min), append(r.RoundN, s.N)
	e.all = append(e.all, ns...)
	if allocs >= 0 {
		e.allocs = append(e.allocs, allocs)
	}
	return nil
}

// lost notes that a row failed and takes no more turns; the other rows go on. An
// interrupt is not a failure of the row: lost returns the context's error.
func (b *bench) lost(ctx context.Context, e *entry, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	b.row(e).Error = err.Error()
	return nil
}

// failures returns the errors of all rows that failed, or nil.
func (b *bench) failures() error {
	var errs []error
	for i := range b.rep.Rows {
		if r := &b.rep.Rows[i]; r.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", r.Label(), r.Error))
		}
	}
	return errors.Join(errs...)
}
