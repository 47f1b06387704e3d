package render

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// writeCSV prints one line a row, times in nanoseconds, unknown values empty. Rows
// under load have a number of sessions and a throughput in samples a second. A
// report of pictures has columns of its own.
func writeCSV(w io.Writer, rep *report.Report) {
	c := csv.NewWriter(w)
	defer c.Flush()
	if rep.Folder != nil {
		picturesCSV(c, rep.Folder)
		return
	}
	c.Write([]string{"network", "engine", "version", "isa", "threads", "batch", "n", "p50_ns", "p90_ns", "p99_ns", "min_ns", "max_ns",
		"mean_ns", "dev_ns", "gflops", "peak_share", "allocs", "peak_rss", "load_ns", "first_ns", "diff", "error",
		"sessions", "throughput", "p95_ns", "p99_9_ns"})
	for i := range rep.Rows {
		r := &rep.Rows[i]
		ok := r.N > 0
		c.Write([]string{r.Network, r.Engine, r.Version, r.ISA, strconv.Itoa(r.Threads), strconv.Itoa(r.Batch), strconv.Itoa(r.N),
			number(r.P50, ok), number(r.P90, ok), number(r.P99, ok), number(r.Min, ok), number(r.Max, ok), number(r.Mean, ok), number(r.Dev, ok),
			number(r.GFLOPS, ok), number(r.PeakShare, ok), number(r.Allocs, r.Allocs >= 0), number(float64(r.Memory), r.Memory > 0),
			number(r.LoadNS, r.LoadNS > 0), number(r.FirstNS, r.FirstNS > 0), number(r.Diff, true), r.Error, "", "", "", ""})
	}
	for i := range rep.Loads {
		l := &rep.Loads[i]
		c.Write([]string{l.Network, "riffle", "", l.ISA, strconv.Itoa(l.Threads), strconv.Itoa(l.Batch), strconv.Itoa(l.N),
			number(l.P50, true), "", number(l.P99, true), "", number(l.Max, true), "", "", "", "", "", "", "", "", "", "",
			strconv.Itoa(l.Sessions), number(l.Throughput, true), number(l.P95, true), number(l.P999, true)})
	}
}

func picturesCSV(c *csv.Writer, f *report.Folder) {
	c.Write([]string{"network", "engine", "version", "isa", "threads", "n", "pictures_per_second", "p50_ns", "p90_ns", "p99_ns", "min_ns", "same_class"})
	for i := range f.Rows {
		r := &f.Rows[i]
		c.Write([]string{r.Network, r.Engine, r.Version, r.ISA, strconv.Itoa(r.Threads), strconv.Itoa(r.N),
			number(r.Rate, r.N > 0), number(r.P50, r.N > 0), number(r.P90, r.N > 0), number(r.P99, r.N > 0), number(r.Min, r.N > 0), number(r.Agree, true)})
	}
}

// number writes a number with six digits; "" if it is not known.
func number(v float64, known bool) string {
	if !known {
		return ""
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
