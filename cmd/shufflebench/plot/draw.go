package main

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawReport writes both plots, one above the other; the roofline only if there are
// steps to put on it.
func drawReport(r *report, out string) error {
	bars, rows, err := latencies(r)
	if err != nil {
		return err
	}
	height := vg.Length(60 + 22*rows)
	plots := []*plot.Plot{bars}
	heights := []vg.Length{height}
	if roof := roofline(r); roof != nil {
		plots, heights = append(plots, roof), append(heights, 360)
	}
	total := vg.Length(0)
	for _, h := range heights {
		total += h
	}
	const width = vg.Length(720)
	c, err := newCanvas(width, total, out)
	if err != nil {
		return err
	}
	at := total
	for i, p := range plots {
		p.Draw(draw.Crop(draw.New(c), 8, -12, at-heights[i]+6, at-total-6))
		at -= heights[i]
	}
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if _, err := c.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func newCanvas(w, h vg.Length, out string) (vg.CanvasWriterTo, error) {
	return draw.NewFormattedCanvas(w, h, strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), "."))
}

// latencies is a bar for the median of each row, with a line from the least
// time to the 90th percentile. The scale is logarithmic where a
// linear one would hide the short bars.
func latencies(r *report) (*plot.Plot, int, error) {
	p := plot.New()
	p.Title.Text = "latency of a run (engine, threads ×): median, line from the least to the 90th percentile\n" + r.Machine.CPU
	p.X.Label.Text = "milliseconds"
	var names []string
	engines := map[string]int{}
	least, most := math.Inf(1), 0.0
	for i := range r.Rows {
		row := &r.Rows[len(r.Rows)-1-i] // the first on top
		if row.N == 0 {
			continue
		}
		least, most = min(least, row.Min/1e6), max(most, row.P90/1e6)
	}
	if most == 0 {
		return nil, 0, fmt.Errorf("the report has no measured rows")
	}
	log, left := most > 30*least, 0.0
	if log {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
		left = math.Pow(10, math.Floor(math.Log10(least)))
		p.X.Min = left
	}
	for i := range r.Rows {
		row := &r.Rows[len(r.Rows)-1-i]
		if row.N == 0 {
			continue
		}
		key := strings.TrimSpace(row.Engine + " " + row.ISA)
		if _, ok := engines[key]; !ok {
			engines[key] = len(engines)
		}
		y := float64(len(names))
		names = append(names, fmt.Sprintf("%s  %s  %d×", row.Network, key, row.Threads))
		bar, err := plotter.NewPolygon(plotter.XYs{{X: left, Y: y - 0.35}, {X: row.P50 / 1e6, Y: y - 0.35}, {X: row.P50 / 1e6, Y: y + 0.35}, {X: left, Y: y + 0.35}})
		if err != nil {
			return nil, 0, err
		}
		bar.Color, bar.LineStyle.Width = plotutil.SoftColors[engines[key]%len(plotutil.SoftColors)], 0
		spread, err := plotter.NewLine(plotter.XYs{{X: row.Min / 1e6, Y: y}, {X: row.P90 / 1e6, Y: y}})
		if err != nil {
			return nil, 0, err
		}
		spread.Width = 1.2
		p.Add(bar, spread)
	}
	p.NominalY(names...)
	p.X.Max = most * 1.05
	p.Y.Min, p.Y.Max = -0.6, float64(len(names))-0.4
	grid := plotter.NewGrid()
	grid.Horizontal.Width = 0
	p.Add(grid)
	return p, len(names), nil
}

// roofline has operations a byte across and GFLOP/s up, both logarithmic: what
// one core could reach with its data in memory and in cache, and what every
// step with multiply-adds reached. nil without such steps.
func roofline(r *report) *plot.Plot {
	kinds := map[string]plotter.XYs{}
	var order []string
	lo, hi, bottom := math.Inf(1), 0.0, math.Inf(1)
	for _, pr := range r.Profiles {
		for _, s := range pr.Steps {
			if s.GFLOPS <= 0 || s.Intensity <= 0 {
				continue
			}
			name, _, _ := strings.Cut(s.Kernel, " ")
			if _, ok := kinds[name]; !ok {
				order = append(order, name)
			}
			kinds[name] = append(kinds[name], plotter.XY{X: s.Intensity, Y: s.GFLOPS})
			lo, hi, bottom = min(lo, s.Intensity), max(hi, s.Intensity), min(bottom, s.GFLOPS)
		}
	}
	if len(kinds) == 0 || r.peak() <= 0 {
		return nil
	}
	p := plot.New()
	p.Title.Text = "roofline of one core, with every step"
	p.X.Label.Text, p.Y.Label.Text = "operations a byte", "GFLOP/s"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.Add(plotter.NewGrid())
	lo, hi = lo/1.5, hi*1.5
	for i, roof := range []struct {
		name string
		rate float64
	}{{"memory", r.Machine.MemoryGBs}, {"cache", r.Machine.CacheGBs}} {
		if roof.rate <= 0 {
			continue
		}
		knee := r.peak() / roof.rate
		pts := plotter.XYs{{X: lo, Y: min(r.peak(), lo*roof.rate)}}
		if knee > lo && knee < hi {
			pts = append(pts, plotter.XY{X: knee, Y: r.peak()})
		}
		pts = append(pts, plotter.XY{X: hi, Y: min(r.peak(), hi*roof.rate)})
		l, err := plotter.NewLine(pts)
		if err != nil {
			continue // only of a NaN
		}
		l.Width, l.Color = 1.5, color.Gray{uint8(40 + 90*i)}
		p.Add(l)
		p.Legend.Add(fmt.Sprintf("%s, %.0f GB/s", roof.name, roof.rate), l)
	}
	for i, name := range order {
		s, err := plotter.NewScatter(kinds[name])
		if err != nil {
			continue
		}
		s.Shape, s.Color, s.Radius = plotutil.Shape(i), plotutil.Color(i), 3
		p.Add(s)
		p.Legend.Add(name, s)
	}
	p.Legend.Padding = 3
	p.X.Min, p.X.Max = lo, hi
	p.Y.Min, p.Y.Max = bottom/1.5, r.peak()*1.5
	return p
}
