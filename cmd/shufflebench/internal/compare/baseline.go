package compare

import (
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

// Baseline compares rep with an earlier report and fills in rep.Changes. Two rows
// are the same if network, engine, instruction set, threads and batch are; the
// versions of a peer may differ. What makes the comparison unfair becomes a
// warning of rep.
func Baseline(rep, old *report.Report) {
	if rep.Machine.CPU != old.Machine.CPU {
		rep.Warn("unfair baseline", "the baseline is of another processor: %s", old.Machine.CPU)
	}
	sums := map[string]string{}
	for _, n := range old.Networks {
		sums[n.Name] = n.SHA256
	}
	for _, n := range rep.Networks {
		if s := sums[n.Name]; s != "" && s != n.SHA256 {
			rep.Warn("unfair baseline", "%s: the baseline is of another model: sha256 %.16s", n.Name, s)
		}
	}
	type key struct {
		network, engine, isa string
		threads, batch       int
	}
	of := func(r *report.Row) key { return key{r.Network, r.Engine, r.ISA, r.Threads, r.Batch} }
	before := map[key]*report.Row{}
	for i := range old.Rows {
		if r := &old.Rows[i]; r.N > 0 {
			before[of(r)] = r
		}
	}
	if len(before) == 0 {
		rep.Warn("unfair baseline", "the baseline has no measured rows")
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		b := before[of(r)]
		if b == nil || r.N == 0 {
			continue
		}
		rep.Changes = append(rep.Changes, change(i, r, b))
	}
	if len(before) > 0 && len(rep.Changes) == 0 {
		rep.Warn("unfair baseline", "the baseline has none of these rows")
	}
}

// change compares a row with the same row of the baseline: all times, or, where a
// row's times fall into two clusters, those of the lower one.
func change(row int, now, old *report.Row) report.Change {
	n, nowLow := report.Undisturbed(now)
	o, oldLow := report.Undisturbed(old)
	c := report.Change{Row: row, OldP50: old.P50, NewP50: now.P50, P: stats.MannWhitney(n[0], o[0]), Low: nowLow || oldLow}
	if c.Low {
		c.OldP50, c.NewP50 = stats.Median(o[0]), stats.Median(n[0])
	}
	c.Delta = c.NewP50/c.OldP50 - 1
	c.Significant = c.P < 0.05
	return c
}
