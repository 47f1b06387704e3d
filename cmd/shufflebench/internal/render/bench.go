package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

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
	benchLoads(w, rep.Loads)
	if rep.Folder != nil {
		benchPictures(w, rep.Folder)
	}
}

// benchLoads prints a line for each number of sessions. ns/op is the median.
func benchLoads(w io.Writer, loads []report.Load) {
	for _, l := range loads {
		fmt.Fprintf(w, "BenchmarkLoad/net=%s/engine=riffle/isa=%s/threads=%d/batch=%d/sessions=%d %d %.1f ns/op %.1f p95-ns/op %.1f p99-ns/op %.1f p99.9-ns/op %.1f samples/s\n",
			clean(l.Network), l.ISA, l.Threads, l.Batch, l.Sessions, l.N, l.P50, l.P95, l.P99, l.P999, l.Throughput)
	}
}

// benchPictures prints a line for each round: ns/op is the time of a picture with all
// threads at work.
func benchPictures(w io.Writer, f *report.Folder) {
	for i := range f.Rows {
		r := &f.Rows[i]
		name := fmt.Sprintf("BenchmarkPicture/net=%s/engine=%s", clean(r.Network), clean(r.Engine))
		if r.ISA != "" {
			name += "/isa=" + r.ISA
		}
		for _, rate := range r.RoundRate {
			fmt.Fprintf(w, "%s/threads=%d %d %.1f ns/op %.1f pictures/s\n", name, r.Threads, r.N/len(r.RoundRate), 1e9/rate, rate)
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
