package render

import (
	"fmt"

	"github.com/riffle-ml/riffle/cmd/internal/table"
	"github.com/riffle-ml/riffle/cmd/internal/units"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// pictures has a row for each contender on the way from a picture's file to a class.
func pictures(f *report.Folder) *table.Table {
	g := &table.Table{
		Title: fmt.Sprintf("from file to class: %d pictures of %s in all, %s", f.Pictures, units.Bytes(f.Bytes), prepared(f)),
		Head:  []string{"network", "engine", "threads", "pictures/s", "/ riffle", "p50", "same class", "p99", "min", "n"}, Left: 2,
	}
	last := ""
	for i := range f.Rows {
		r := &f.Rows[i]
		row := report.Row{Engine: r.Engine, Version: r.Version, ISA: r.ISA}
		name := r.Network
		if name == last {
			name = ""
		}
		last = r.Network
		gain := "-"
		if r.Gain > 0 {
			gain = fmt.Sprintf("%.2f", r.Gain)
		}
		g.Add(name, engineISA(&row), fmt.Sprint(r.Threads), fmt.Sprintf("%.1f", r.Rate), gain, units.Duration(r.P50), units.Percent(r.Agree), units.Duration(r.P99),
			units.Duration(r.Min), fmt.Sprint(r.N))
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
