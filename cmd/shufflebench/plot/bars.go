package main

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// bar is one row of a chart of bars.
type bar struct {
	name   string
	colour color.Color
	value  float64
	lo, hi float64 // a line from lo to hi is drawn over the bar; none if both are 0
	text   string  // at its end
}

// bars is a chart of horizontal bars, the first on top. The scale is logarithmic
// where a linear one would hide the short bars.
func bars(title, unit string, list []bar) (*panel, error) {
	p := plot.New()
	p.Title.Text = title
	least, most := math.Inf(1), 0.0
	for _, b := range list {
		least, most = min(least, b.value), max(most, b.value)
		if b.lo < b.hi {
			least, most = min(least, b.lo), max(most, b.hi)
		}
	}
	if !(least > 0) || math.IsInf(most, 1) {
		return nil, fmt.Errorf("%s: got values from %v to %v, want more than 0", title, least, most)
	}
	left := 0.0
	p.X.Label.Text = unit
	p.X.Max = most * 1.12 // room for the last number
	if most > 30*least {
		logarithmic(&p.X, unit)
		left = math.Pow(10, math.Floor(math.Log10(least)))
		p.X.Min, p.X.Max = left, most*math.Pow(most/left, 0.12)
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Width = 0
	p.Add(grid)
	var names []string
	labels := plotter.XYLabels{}
	for i := range list {
		b := &list[len(list)-1-i]
		y := float64(i)
		box, err := plotter.NewPolygon(plotter.XYs{{X: left, Y: y - 0.35}, {X: b.value, Y: y - 0.35}, {X: b.value, Y: y + 0.35}, {X: left, Y: y + 0.35}})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.name, err)
		}
		box.Color, box.LineStyle.Width = b.colour, 0
		p.Add(box)
		if b.lo < b.hi {
			spread, err := plotter.NewLine(plotter.XYs{{X: b.lo, Y: y}, {X: b.hi, Y: y}})
			if err != nil {
				return nil, fmt.Errorf("%s: %w", b.name, err)
			}
			spread.Width = 1.2
			p.Add(spread)
		}
		names = append(names, b.name)
		labels.XYs = append(labels.XYs, plotter.XY{X: max(b.value, b.hi), Y: y})
		labels.Labels = append(labels.Labels, b.text)
	}
	numbers, err := plotter.NewLabels(labels)
	if err != nil {
		return nil, err
	}
	numbers.Offset = vg.Point{X: 5, Y: -4}
	for i := range numbers.TextStyle {
		numbers.TextStyle[i].Font.Size = 10
	}
	p.Add(numbers)
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.6, float64(len(names))-0.4
	return &panel{p, vg.Length(74 + 20*len(names))}, nil
}

// palette gives every name a colour, the same one each time.
type palette map[string]color.Color

func (p palette) of(name string) color.Color {
	if _, ok := p[name]; !ok {
		p[name] = plotutil.SoftColors[len(p)%len(plotutil.SoftColors)]
	}
	return p[name]
}

// latencies has the median of each row, and a line from the least time to the 90th
// percentile; nil without rows.
func latencies(r *report) (*panel, error) {
	colours, list := palette{}, []bar{}
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.N == 0 {
			continue
		}
		engine := strings.TrimSpace(row.Engine + " " + row.ISA)
		ms := row.P50 / 1e6
		list = append(list, bar{
			name: fmt.Sprintf("%s  %s, %d×", row.Network, engine, row.Threads), colour: colours.of(engine),
			value: ms, lo: row.Min / 1e6, hi: row.P90 / 1e6, text: figures(ms) + " ms",
		})
	}
	if len(list) == 0 {
		return nil, nil
	}
	title := "latency of a run (network, engine, threads ×): median, line from the least time to the 90th percentile\n" + r.Machine.CPU
	return bars(title, "milliseconds", list)
}

// loads has the throughput of sessions side by side, with the tail of their
// latencies; nil without.
func loads(r *report) (*panel, error) {
	colours, list := palette{}, []bar{}
	for i := range r.Loads {
		l := &r.Loads[i]
		list = append(list, bar{
			name: fmt.Sprintf("%s  %s, sessions: %d", l.Network, l.ISA, l.Sessions), colour: colours.of(l.Network),
			value: l.Throughput, text: fmt.Sprintf("%s (p50 %s, p99 %s ms)", figures(l.Throughput), figures(l.P50/1e6), figures(l.P99/1e6)),
		})
	}
	if len(list) == 0 {
		return nil, nil
	}
	p, err := bars("throughput of sessions side by side, and percentiles of their latency", "samples a second", list)
	if err == nil && p.plot.X.Min == 0 {
		p.plot.X.Max *= 1.35 // the text is long
	}
	return p, err
}
