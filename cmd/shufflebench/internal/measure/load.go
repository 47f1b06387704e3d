package measure

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/load"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
	"github.com/riffle-ml/riffle/engine"
)

// loaded is a row of the measurement under load.
type loaded struct {
	report.Load
	group *load.Group
	times []float64
	rates []float64 // of each round
}

// loads measures so many sessions side by side as o.Concurrency says, of every
// network, interleaved as [bench.race] does.
func (b *bench) loads(ctx context.Context) error {
	var rows []*loaded
	defer func() { // after an error too: what was measured until then is kept
		for _, l := range rows {
			l.group.Close()
			if len(l.times) > 0 {
				l.finish()
				b.rep.Loads = append(b.rep.Loads, l.Load)
			}
		}
	}()
	for _, n := range b.nets {
		for _, isa := range b.ISAs {
			m, err := engine.New(n.Model, n.Options(engine.WithISA(isa), engine.WithThreads(b.Threads[0]))...)
			if err != nil {
				return fmt.Errorf("%s: %w", n.Name, err)
			}
			defer m.Close()
			x := n.Noise(b.Batch)
			for _, k := range b.Concurrency {
				g, err := load.New(m, k, x)
				if err != nil {
					return fmt.Errorf("%s: %w", n.Name, err)
				}
				rows = append(rows, &loaded{Load: report.Load{Network: n.Name, ISA: isa, Threads: b.Threads[0], Batch: b.Batch, Sessions: k}, group: g})
			}
		}
	}
	rng := rand.New(rand.NewPCG(2, uint64(len(rows))))
	turn := b.Benchtime / time.Duration(b.Rounds)
	for round := range b.Rounds {
		runtime.GC()
		for k, i := range rng.Perm(len(rows)) {
			b.line.Bar(round*len(rows)+k, b.Rounds*len(rows))
			l := rows[i]
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s, err := l.group.Run(ctx, turn)
			if err != nil {
				return fmt.Errorf("%s: %d sessions: %w", l.Network, l.Sessions, err)
			}
			l.times, l.rates = append(l.times, s.NS...), append(l.rates, s.PerSecond)
		}
	}
	return nil
}

// finish sums up: the rate is the median of the rounds', the percentiles are of
// the times of all rounds.
func (l *loaded) finish() {
	l.Throughput = stats.Median(l.rates) * float64(l.Batch)
	q := stats.Quantiles(l.times, 0.5, 0.95, 0.99, 0.999, 1)
	l.N, l.P50, l.P95, l.P99, l.P999, l.Max = len(l.times), q[0], q[1], q[2], q[3], q[4]
}
