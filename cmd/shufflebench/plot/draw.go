package main

import (
	"fmt"
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawReport draws all panels that the report has something for, one above the
// other.
func drawReport(r *report, format string) (io.WriterTo, error) {
	var panels []panel
	for _, draw := range []func(*report) (*panel, error){latencies, loads, roofline} {
		p, err := draw(r)
		if err != nil {
			return nil, err
		}
		if p != nil {
			panels = append(panels, *p)
		}
	}
	if len(panels) == 0 {
		return nil, fmt.Errorf("the report has no measured rows")
	}
	const width = vg.Length(760)
	total := vg.Length(0)
	for _, p := range panels {
		total += p.height
	}
	c, err := draw.NewFormattedCanvas(width, total, format)
	if err != nil {
		return nil, err
	}
	all := draw.New(c)
	top := total
	for _, p := range panels {
		p.plot.Draw(draw.Crop(all, 8, -16, top-p.height+8, top-total-8))
		top -= p.height
	}
	return c, nil
}
