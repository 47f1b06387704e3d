package render

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// JSON is the report as -o json prints it.
func JSON(rep *report.Report) []byte {
	b, err := json.MarshalIndent(rep, "", " ")
	if err != nil { // JSON has no NaN and no infinity, and a report has neither
		return fmt.Appendf(nil, "{\"error\": %q}\n", err.Error())
	}
	return append(b, '\n')
}

// writeCSV prints one line a row, times in nanoseconds, unknown values empty.
func writeCSV(w io.Writer, rep *report.Report) {
	c := csv.NewWriter(w)
	c.Write([]string{"network", "engine", "version", "isa", "threads", "batch", "n", "p50_ns", "p90_ns", "p99_ns", "min_ns", "max_ns",
		"mean_ns", "dev_ns", "gflops", "peak_share", "allocs", "peak_rss", "load_ns", "first_ns", "diff", "error"})
	num := func(v float64, known bool) string {
		if !known {
			return ""
		}
		return strconv.FormatFloat(v, 'g', 6, 64)
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		ok := r.N > 0
		c.Write([]string{r.Network, r.Engine, r.Version, r.ISA, strconv.Itoa(r.Threads), strconv.Itoa(r.Batch), strconv.Itoa(r.N),
			num(r.P50, ok), num(r.P90, ok), num(r.P99, ok), num(r.Min, ok), num(r.Max, ok), num(r.Mean, ok), num(r.Dev, ok),
			num(r.GFLOPS, ok), num(r.PeakShare, ok), num(r.Allocs, r.Allocs >= 0), num(float64(r.Memory), r.Memory > 0),
			num(r.LoadNS, r.LoadNS > 0), num(r.FirstNS, r.FirstNS > 0), num(r.Diff, true), r.Error})
	}
	c.Flush()
}

// writeBench prints the format of Go benchmarks, a line for each round, so that
// benchstat has samples to compare: ns/op is the median of a round.
func writeBench(w io.Writer, rep *report.Report) {
	m := &rep.Machine
	fmt.Fprintf(w, "goos: %s\ngoarch: %s\npkg: github.com/riffle-ml/riffle/cmd/shufflebench\ncpu: %s\n", m.OS, m.Arch, m.CPU)
	macs := map[string]int64{}
	for _, n := range rep.Networks {
		macs[n.Name] = n.MACs
	}
	for i := range rep.Rows {
		r := &rep.Rows[i]
		name := fmt.Sprintf("BenchmarkRun/net=%s/engine=%s", clean(r.Network), clean(r.Engine))
		if r.ISA != "" {
			name += "/isa=" + r.ISA
		}
		name += fmt.Sprintf("/threads=%d/batch=%d", r.Threads, r.Batch)
		for k, p50 := range r.RoundP50 {
			fmt.Fprintf(w, "%s %d %.1f ns/op %.1f min-ns/op %.2f GFLOP/s", name, r.RoundN[k], p50, r.RoundMin[k],
				2*float64(macs[r.Network]*int64(r.Batch))/p50)
			if r.Allocs >= 0 {
				fmt.Fprintf(w, " %.0f allocs/op", r.Allocs)
			}
			fmt.Fprintln(w)
		}
	}
}

// clean takes out what separates the parts of a benchmark's name.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r == ' ' || r == '\t' {
			return '_'
		}
		return r
	}, s)
}
