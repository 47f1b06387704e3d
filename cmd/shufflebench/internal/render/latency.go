package render

import (
	"fmt"
	"math"
	"strconv"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// latencies has a row for each contender.
func latencies(rep *report.Report) *table.Table {
	g := &table.Table{
		Title: "latency of a run",
		Head: []string{"network", "engine", "isa", "threads", "batch", "p50", "p90", "p99", "min", "mean", "dev", "n",
			"GFLOP/s", "peak", "allocs", "memory", "load", "first", "diff"},
		Left: 3,
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		c := []string{r.Network, engine(r), r.ISA, fmt.Sprint(r.Threads), fmt.Sprint(r.Batch)}
		if r.N == 0 {
			c = append(c, "-", "-", "-", "-", "-", "-", "0", "-", "-", "-")
		} else {
			c = append(c, units.Duration(r.P50), units.Duration(r.P90), units.Duration(r.P99), units.Duration(r.Min), units.Duration(r.Mean), units.Duration(r.Dev), fmt.Sprint(r.N),
				flops(r.GFLOPS), units.Percent(r.PeakShare), allocations(r.Allocs))
		}
		g.Add(append(c, units.Bytes(r.Memory), units.Duration(r.LoadNS), units.Duration(r.FirstNS), fmt.Sprintf("%.0e", r.Diff))...)
	}
	return g
}

// engine names a row's engine, with its version and whether it failed.
func engine(r *report.Row) string {
	s := r.Engine
	if r.Version != "" {
		s += " " + r.Version
	}
	if r.Error != "" {
		s += " (failed)"
	}
	return s
}

// allocations writes a number that is less than 0 where it is not known.
func allocations(a float64) string {
	if a < 0 {
		return "-"
	}
	return strconv.FormatFloat(math.Round(a*100)/100, 'f', -1, 64)
}

func flops(g float64) string {
	if g == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", g)
}
