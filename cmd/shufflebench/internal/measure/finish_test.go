package measure

import (
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

func TestSpread(t *testing.T) {
	rep := &report.Report{Rows: []report.Row{
		{Network: "steady", Summary: stats.Summary{N: 5, P50: 100, P90: 110}, RoundP50: []float64{99, 101}},
		{Network: "tail", Summary: stats.Summary{N: 5, P50: 100, P90: 140}, RoundP50: []float64{99, 101}},
		{Network: "drift", Summary: stats.Summary{N: 5, P50: 100, P90: 110}, RoundP50: []float64{80, 120}},
		{Network: "two", Summary: stats.Summary{N: 5, P50: 100, P90: 160}, RoundP50: []float64{80, 120}, Clusters: &stats.Clusters{Low: 100, High: 160, Share: 0.25}},
	}}
	spread(rep)
	w := rep.Warnings
	if len(w) != 3 || !strings.HasPrefix(w[0], "tail") || !strings.HasPrefix(w[1], "drift") {
		t.Fatalf("got %q, want warnings of tail, drift and two", w)
	}
	if want := "75 % around 100.0 ns, 25 % around 160.0 ns, 1.60 times as long"; !strings.Contains(w[2], want) {
		t.Errorf("got %q, want %q", w[2], want)
	}
}

// Rounds of times that fall into two clusters have the median of the lower one,
// and none where nearly all times are slow.
func TestClusters(t *testing.T) {
	var r report.Row
	var all []float64
	for round, slow := range []int{0, 10, 5, 19} { // of 20 runs
		for i := range 20 {
			ns := 100 + float64((7*i+round)%5)
			if i < slow {
				ns *= 1.6
			}
			all = append(all, ns)
		}
		r.RoundN = append(r.RoundN, 20)
	}
	clusters(&r, all)
	if r.Clusters == nil || len(r.RoundLow) != 4 || r.RoundLow[3] != 0 {
		t.Fatalf("got %+v, want two clusters, and no median of the last round", r)
	}
	for i, ns := range r.RoundLow[:3] {
		if ns < 100 || ns > 104 {
			t.Errorf("round %d: got a median of %v, want that of the undisturbed runs, 100 to 104", i, ns)
		}
	}
	r = report.Row{RoundN: []int{50}}
	clusters(&r, all[:20])
	if r.Clusters != nil || r.RoundLow != nil {
		t.Errorf("got %+v, want no clusters of one peak", r)
	}
}
