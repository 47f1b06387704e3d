package render

import (
	"fmt"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// pictures has a row for each contender on the way from a picture's file to a class.
// The name of the network stands in the title, if there is one alone.
func pictures(f *report.Folder) *table.Table {
	g := &table.Table{
		Head: []string{"network", "engine", "threads", "pictures/s", "/ riffle", "p50", "same class", "p99", "min", "n"}, Left: 2,
	}
	one, last := true, ""
	for i := range f.Rows {
		r := &f.Rows[i]
		row := report.Row{Engine: r.Engine, Version: r.Version, ISA: r.ISA}
		name := r.Network
		if name == last {
			name = ""
		}
		one, last = one && r.Network == f.Rows[0].Network, r.Network
		gain := "-"
		if r.Gain > 0 {
			gain = fmt.Sprintf("%.2f", r.Gain)
		}
		g.Add(name, engineISA(&row), fmt.Sprint(r.Threads), fmt.Sprintf("%.1f", r.Rate), gain, units.Duration(r.P50), units.Percent(r.Agree), units.Duration(r.P99),
			units.Duration(r.Min), fmt.Sprint(r.N))
	}
	g.Title = fmt.Sprintf("from file to class: %d pictures of %s in all, %s", f.Pictures, units.Bytes(f.Bytes), prepared(f))
	if one && len(f.Rows) > 0 {
		g.Title = f.Rows[0].Network + " " + g.Title
		g.Head, g.Left = g.Head[1:], g.Left-1
		for i := range g.Rows {
			g.Rows[i] = g.Rows[i][1:]
		}
	}
	return g
}

// prepared says how pictures become inputs, if that is the same for all networks.
func prepared(f *report.Folder) string {
	for _, p := range f.Preprocess {
		if p.Text != f.Preprocess[0].Text {
			return "scaled and cropped as each network wants"
		}
	}
	if len(f.Preprocess) == 0 {
		return ""
	}
	return f.Preprocess[0].Text
}
