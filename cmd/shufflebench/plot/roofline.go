package main

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
)

// roofline has operations a byte across and GFLOP/s up, both logarithmic: what
// one core could reach with its data in memory and in cache, and what every step
// with multiply-adds reached (Williams, Waterman, Patterson: Roofline, 2009). nil
// without such steps.
func roofline(r *report) (*panel, error) {
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
		return nil, nil
	}
	p := plot.New()
	p.Title.Text = fmt.Sprintf("roofline of one core, with every step; the peak is %s GFLOP/s", figures(r.peak()))
	logarithmic(&p.X, "operations a byte")
	logarithmic(&p.Y, "GFLOP/s")
	p.Add(plotter.NewGrid())
	lo, hi = lo/1.5, hi*1.5
	p.X.Min, p.X.Max = lo, hi
	p.Y.Min, p.Y.Max = bottom/1.5, r.peak()*1.5
	for i, roof := range []struct {
		name string
		rate float64
	}{{"memory", r.Machine.MemoryGBs}, {"cache", r.Machine.CacheGBs}} {
		if roof.rate <= 0 {
			continue
		}
		l, err := plotter.NewLine(roofOf(r.peak(), roof.rate, lo, hi, p.Y.Min))
		if err != nil {
			return nil, err
		}
		l.Width, l.Color = 1.5, color.Gray{uint8(40 + 90*i)}
		p.Add(l)
		p.Legend.Add(fmt.Sprintf("%s, %.0f GB/s", roof.name, roof.rate), l)
	}
	for i, name := range order {
		s, err := plotter.NewScatter(kinds[name])
		if err != nil {
			return nil, err
		}
		s.Shape, s.Color, s.Radius = plotutil.Shape(i), plotutil.Color(i), 3
		p.Add(s)
		p.Legend.Add(name, s)
	}
	p.Legend.Padding = 3
	return &panel{p, 380}, nil
}

// roofOf is the roof of a rate in GB/s between lo and hi operations a byte, from
// where it rises above bottom.
func roofOf(peak, rate, lo, hi, bottom float64) plotter.XYs {
	from := max(lo, bottom/rate)
	pts := plotter.XYs{{X: from, Y: min(peak, from*rate)}}
	if knee := peak / rate; knee > from && knee < hi {
		pts = append(pts, plotter.XY{X: knee, Y: peak})
	}
	return append(pts, plotter.XY{X: hi, Y: min(peak, hi*rate)})
}
