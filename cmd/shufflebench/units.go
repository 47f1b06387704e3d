package main

import (
	"fmt"
	"math"
	"strconv"
)

// duration writes nanoseconds with three digits or so.
func duration(ns float64) string {
	switch {
	case ns <= 0:
		return "-"
	case ns < 1e3:
		return digits(ns) + " ns"
	case ns < 1e6:
		return digits(ns/1e3) + " µs"
	case ns < 1e9:
		return digits(ns/1e6) + " ms"
	}
	return digits(ns/1e9) + " s"
}

// digits keeps four digits of numbers below 1000, so that 1 % shows everywhere.
func digits(v float64) string {
	switch {
	case v < 9.9995:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case v < 99.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func bytesText(n int64) string {
	switch {
	case n <= 0:
		return "-"
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

func allocsText(a float64) string {
	if a < 0 {
		return "-"
	}
	return strconv.FormatFloat(math.Round(a*100)/100, 'f', -1, 64)
}

func flops(g float64) string {
	if g == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", g)
}
