package measure

import (
	"math"

	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

// finish computes what follows from the times.
func (b *bench) finish() {
	macs := map[string]int64{}
	for _, n := range b.rep.Networks {
		macs[n.Name] = n.MACs
	}
	for _, e := range b.runs {
		r := b.row(e)
		r.Summary = stats.Summarize(e.all)
		if r.N == 0 {
			continue
		}
		clusters(r, e.all)
		if len(e.allocs) > 0 {
			r.Allocs = stats.Median(e.allocs)
		}
		r.GFLOPS = 2 * float64(macs[r.Network]*int64(r.Batch)) / r.P50
		r.PeakShare = r.GFLOPS / b.rep.PeakOf(r.Network) / float64(r.Threads)
	}
	spread(b.rep)
}

// clusters fills in the row's clusters. all holds the times of one round after the
// other.
func clusters(r *report.Row, all []float64) {
	c, ok := stats.TwoClusters(all)
	if !ok {
		return
	}
	r.Clusters = &c
	for _, n := range r.RoundN {
		var low []float64
		for _, t := range all[:n] {
			if t <= c.Cut {
				low = append(low, t)
			}
		}
		all = all[n:]
		if 10*len(low) < n {
			low = nil // a few that chance left among the slow ones
		}
		r.RoundLow = append(r.RoundLow, stats.Median(low))
	}
}

// spread warns of rows whose times vary so much that small differences mean
// nothing.
func spread(rep *report.Report) {
	for i := range rep.Rows {
		r := &rep.Rows[i]
		if r.N == 0 {
			continue
		}
		if c := r.Clusters; c != nil {
			rep.Warn("two clusters", "%s: the times fall into two clusters: %.0f %% around %s, %.0f %% around %s, %.2f times as long; the lower one is compared",
				r.Label(), 100*(1-c.Share), units.Duration(c.Low), 100*c.Share, units.Duration(c.High), c.High/c.Low)
			continue
		}
		if wide := r.P90/r.P50 - 1; wide > 0.25 {
			rep.Warn("wide spread", "%s: wide spread: the slowest tenth took %.0f %% longer than the median", r.Label(), 100*wide)
		}
		lo, hi := math.Inf(1), 0.0
		for _, m := range r.RoundP50 {
			lo, hi = min(lo, m), max(hi, m)
		}
		if hi/lo > 1.25 {
			rep.Warn("drift", "%s: the medians of rounds lie between %s and %s", r.Label(), units.Duration(lo), units.Duration(hi))
		}
	}
}
