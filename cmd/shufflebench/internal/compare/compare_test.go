package compare

import (
	"math"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report/reporttest"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol }

func TestBaseline(t *testing.T) {
	row := func(p50 ...float64) report.Row {
		return report.Row{Network: "net", Engine: "riffle", ISA: "avx2", Threads: 1, Batch: 1, Summary: stats.Summarize(p50), RoundP50: p50}
	}
	old := &report.Report{Machine: report.Machine{CPU: "x"}, Networks: []report.Network{{Name: "net", SHA256: "a"}}, Rows: []report.Row{row(100, 101, 102, 103, 104)}}
	for _, c := range []struct {
		name        string
		now         report.Row
		significant bool
	}{
		{"slower", row(110, 111, 112, 113, 114), true},
		{"the same", row(99.5, 101.5, 102.5, 103.5, 104.5), false},
	} {
		rep := &report.Report{Machine: report.Machine{CPU: "x"}, Networks: old.Networks, Rows: []report.Row{c.now}}
		Baseline(rep, old)
		if len(rep.Changes) != 1 || rep.Changes[0].Significant != c.significant || len(rep.Warnings) != 0 {
			t.Errorf("%s: got %+v, %q", c.name, rep.Changes, rep.Warnings)
		}
	}
	other := &report.Report{Machine: report.Machine{CPU: "y"}, Networks: []report.Network{{Name: "net", SHA256: "b"}}, Rows: []report.Row{row(1, 2, 3)}}
	other.Rows[0].Threads = 2
	Baseline(other, old)
	for i, want := range []string{"another processor", "another model", "none of these rows"} {
		if i >= len(other.Warnings) || !strings.Contains(other.Warnings[i], want) {
			t.Errorf("got %q, want %q", other.Warnings, want)
		}
	}
}

func TestRatios(t *testing.T) {
	var got []string
	for _, x := range Ratios(reporttest.Invented()) {
		got = append(got, x.What)
		if x.What == "engine" && (x.Row != 2 || x.Base != 0 || !near(x.P50, 310.0/210, 1e-12) || !near(x.Min, 1.5, 1e-12)) {
			t.Errorf("got %+v, want the other engine over riffle, 310/210 and 300/200", x)
		}
	}
	if s := strings.Join(got, " "); s != "engine network" {
		t.Errorf("got %s, want a ratio of engines and one of networks", s)
	}
}
