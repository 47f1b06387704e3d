// Package compare relates the rows of a report with each other and with those of
// an earlier report. It measures nothing.
package compare

import (
	"slices"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

// Ratios lists the comparisons that the rows invite: peers with riffle's best
// instruction set, other instruction sets with the best, several threads with
// one, and networks with the first one of the same input shape, on the same
// engine and threads. Times are compared within one round.
func Ratios(rep *report.Report) []report.Ratio {
	rows := rep.Rows
	var out []report.Ratio
	add := func(what string, row, base int) {
		r, b := &rows[row], &rows[base]
		if row == base || r.N == 0 || b.N == 0 {
			return
		}
		medians, low := report.Undisturbed(r, b)
		x := report.Ratio{What: what, Row: row, Base: base, P50: stats.Median(medians[0]) / stats.Median(medians[1]), Min: r.Min / b.Min, Low: low}
		if iv, ok := stats.RatioInterval(medians[0], medians[1]); ok {
			x.CI = &iv
		}
		out = append(out, x)
	}
	find := func(ok func(r *report.Row) bool) int {
		return slices.IndexFunc(rows, func(r report.Row) bool { return ok(&r) })
	}
	for i := range rows {
		r := &rows[i]
		if best := find(func(o *report.Row) bool {
			return o.Network == r.Network && o.Engine == "riffle" && o.ISA != "" && o.Threads == r.Threads
		}); best >= 0 {
			if r.ISA == "" {
				add("engine", i, best)
			} else {
				add("isa", i, best)
			}
		}
		if one := find(func(o *report.Row) bool {
			return o.Network == r.Network && o.Engine == r.Engine && o.Version == r.Version && o.ISA == r.ISA
		}); one >= 0 {
			add("threads", i, one)
		}
		if first := find(func(o *report.Row) bool {
			return o.Engine == r.Engine && o.Version == r.Version && o.ISA == r.ISA && o.Threads == r.Threads &&
				slices.Equal(rep.Input(o.Network), rep.Input(r.Network))
		}); first >= 0 {
			add("network", i, first)
		}
	}
	rank := map[string]int{"engine": 0, "network": 1, "threads": 2, "isa": 3}
	slices.SortStableFunc(out, func(a, b report.Ratio) int { return rank[a.What] - rank[b.What] })
	return out
}
