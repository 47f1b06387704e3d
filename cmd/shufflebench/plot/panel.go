package main

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// panel is one plot of the drawing.
type panel struct {
	plot   *plot.Plot
	height vg.Length
}
