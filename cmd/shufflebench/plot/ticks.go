package main

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// logTicks marks 1, 2 and 5 times the powers of ten with numbers, the other
// multiples without; on an axis of less than a factor of ten, all of them.
type logTicks struct{}

func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	var out []plot.Tick
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, e)
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			t := plot.Tick{Value: v}
			if m == 1 || m == 2 || m == 5 || hi < 10*lo {
				t.Label = strconv.FormatFloat(v, 'f', max(0, -int(e)), 64)
			}
			out = append(out, t)
		}
	}
	return out
}

// logarithmic makes an axis logarithmic, and says so in its label.
func logarithmic(a *plot.Axis, label string) {
	a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{}
	a.Label.Text = label + " (logarithmic scale)"
}

// figures writes a number with three significant digits.
func figures(v float64) string {
	decimals := 2 - int(math.Floor(math.Log10(v)))
	return strconv.FormatFloat(v, 'f', max(0, decimals), 64)
}
