package render

import (
	"fmt"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// loads has a row for each number of sessions side by side. The last column says
// how the throughput compares with that of the network's first row.
func loads(rep *report.Report) *table.Table {
	g := &table.Table{
		Title: fmt.Sprintf("under load: sessions of %s side by side, samples a second and the latency of a run", report.Threads(rep.Loads[0].Threads)),
		Head:  []string{"network", "isa", "sessions", "samples/s", "p50", "p95", "p99", "p99.9", "max", "n", "gain"}, Left: 2,
	}
	type key struct{ network, isa string }
	first := map[key]float64{}
	for _, l := range rep.Loads {
		k := key{l.Network, l.ISA}
		if first[k] == 0 {
			first[k] = l.Throughput
		}
		gain := "-"
		if first[k] > 0 {
			gain = fmt.Sprintf("%.2f", l.Throughput/first[k])
		}
		g.Add(l.Network, l.ISA, fmt.Sprint(l.Sessions), fmt.Sprintf("%.1f", l.Throughput), units.Duration(l.P50), units.Duration(l.P95),
			units.Duration(l.P99), units.Duration(l.P999), units.Duration(l.Max), fmt.Sprint(l.N), gain)
	}
	return g
}
