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
		rep.Warn("the baseline is of another processor: %s", old.Machine.CPU)
	}
	sums := map[string]string{}
	for _, n := range old.Networks {
		sums[n.Name] = n.SHA256
	}
	for _, n := range rep.Networks {
		if s := sums[n.Name]; s != "" && s != n.SHA256 {
			rep.Warn("%s: the baseline is of another model: sha256 %.16s", n.Name, s)
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
		rep.Warn("the baseline has no measured rows")
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		b := before[of(r)]
		if b == nil || r.N == 0 {
			continue
		}
		p := stats.MannWhitney(r.RoundP50, b.RoundP50)
		rep.Changes = append(rep.Changes, report.Change{
			Row: i, OldP50: b.P50, NewP50: r.P50, Delta: r.P50/b.P50 - 1, P: p, Significant: p < 0.05,
		})
	}
	if len(before) > 0 && len(rep.Changes) == 0 {
		rep.Warn("the baseline has none of these rows")
	}
}
