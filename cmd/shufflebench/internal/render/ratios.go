package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// ratios has a row for each comparison.
func ratios(rep *report.Report) *table.Table {
	g := &table.Table{
		Title: "ratios of times (above 1: the first is slower)" + lowNote(rep),
		Head:  []string{"of", "network", "", "to", "threads", "medians", "95 %", "minima"}, Left: 4,
	}
	for _, x := range rep.Ratios {
		r, b := &rep.Rows[x.Row], &rep.Rows[x.Base]
		ci := "-"
		if x.CI != nil {
			ci = fmt.Sprintf("%.3f-%.3f", x.CI.Lo, x.CI.Hi)
		}
		name, base := r.Engine, b.Engine
		switch x.What {
		case "isa":
			name, base = r.ISA, b.ISA
		case "threads":
			name, base = strings.TrimSpace(r.Engine+" "+r.ISA)+" "+report.Threads(r.Threads), report.Threads(b.Threads)
		case "network":
			name, base = strings.TrimSpace(r.Engine+" "+r.ISA), b.Network
		case "engine":
			base = b.Engine + " " + b.ISA
		}
		threads := fmt.Sprint(r.Threads)
		if x.What == "threads" {
			threads = ""
		}
		g.Add(x.What, r.Network, name, base, threads, fmt.Sprintf("%.3f", x.P50)+lowMark(x.Low), ci, fmt.Sprintf("%.3f", x.Min))
	}
	return g
}

// changes compares with the baseline.
func changes(rep *report.Report) *table.Table {
	g := &table.Table{
		Title: "against the baseline (~: no change that counts, p >= 0.05 over the rounds)" + lowNote(rep),
		Head:  []string{"network", "engine", "isa", "threads", "before", "now", "change", "p"}, Left: 3,
	}
	for _, c := range rep.Changes {
		r := &rep.Rows[c.Row]
		change := "~"
		if c.Significant {
			change = fmt.Sprintf("%+.1f %%", 100*c.Delta)
		}
		change += lowMark(c.Low)
		g.Add(r.Network, r.Engine, r.ISA, fmt.Sprint(r.Threads), units.Duration(c.OldP50), units.Duration(c.NewP50), change, fmt.Sprintf("%.3f", c.P))
	}
	return g
}

// lowMark marks what was compared on the lower one of two clusters of times.
func lowMark(low bool) string {
	if low {
		return "*"
	}
	return ""
}

func lowNote(rep *report.Report) string {
	low := slices.ContainsFunc(rep.Ratios, func(x report.Ratio) bool { return x.Low }) ||
		slices.ContainsFunc(rep.Changes, func(c report.Change) bool { return c.Low })
	if low {
		return "; * of the lower cluster of times"
	}
	return ""
}
