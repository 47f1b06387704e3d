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

// clustered is a row of which some rounds were slowed 1.6 times by a neighbour.
func clustered(network string, ns float64, slow ...bool) report.Row {
	r := report.Row{Network: network, Engine: "riffle", ISA: "avx2", Threads: 1, Batch: 1, Clusters: &stats.Clusters{}}
	for _, s := range slow {
		low, p50 := ns, ns
		if s {
			low, p50 = 0, 1.6*ns
		}
		r.RoundLow, r.RoundP50 = append(r.RoundLow, low), append(r.RoundP50, p50)
	}
	r.Summary = stats.Summarize(r.RoundP50)
	return r
}

// Where a neighbour slowed one side in some rounds and the other side in others,
// the rounds in which neither was slowed are compared.
func TestLowerCluster(t *testing.T) {
	inputs := []report.Network{{Name: "a", Input: []int{3, 8, 8}}, {Name: "b", Input: []int{3, 8, 8}}}
	rep := &report.Report{Networks: inputs, Rows: []report.Row{
		clustered("a", 100, true, true, false, false, false, true, true),
		clustered("b", 110, false, false, false, false, false, true, true),
	}}
	got := Ratios(rep)
	if len(got) != 1 || !got[0].Low || !near(got[0].P50, 1.1, 1e-9) {
		t.Errorf("got %+v, want 1.1 of the lower cluster", got)
	}
	rep.Rows[0] = clustered("a", 100, true, true, true, true, true, false, false)
	if got := Ratios(rep); got[0].Low || !near(got[0].P50, 110.0/160, 1e-9) {
		t.Errorf("got %+v, want all times, where no round is undisturbed on both sides", got)
	}

	old := &report.Report{Networks: inputs, Rows: []report.Row{clustered("a", 100, false, false, false, false, false, false)}}
	old.Rows[0].Clusters = nil
	now := &report.Report{Networks: inputs, Rows: []report.Row{clustered("a", 100, true, true, false, false, false, false, true, true)}}
	Baseline(now, old)
	if c := now.Changes; len(c) != 1 || c[0].Significant || !c[0].Low || c[0].NewP50 != 100 || c[0].Delta != 0 {
		t.Errorf("got %+v, want no change but for the neighbour", c)
	}
}
