// Package units writes quantities for people: times, bytes, counts, shapes.
package units

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Duration writes nanoseconds in the unit that suits them, with four digits, so
// that a difference of 1 % shows: 1.234 ms, 56.78 µs. It writes "-" for 0 and less.
func Duration(ns float64) string {
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

// digits keeps four digits of numbers below 1000.
func digits(v float64) string {
	switch {
	case v < 9.9995:
		return strconv.FormatFloat(v, 'f', 3, 64)
	case v < 99.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 1, 64)
}

// Percent writes a share of 1: 0.123 is 12.3 %.
func Percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

// Bytes writes a number of bytes in KiB or MiB, and "-" for 0 and less.
func Bytes(n int64) string {
	switch {
	case n <= 0:
		return "-"
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// Count writes 1234567 as 1.23 M, and numbers below 100,000 as they are.
func Count(n int) string {
	if n < 1e5 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.2f M", math.Round(float64(n)/1e4)/100)
}

// Thousands writes 1234567 as 1,234,567.
func Thousands(n int64) string {
	s := fmt.Sprint(n)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Dims writes a shape: 3x224x224.
func Dims(shape []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", "x")
}
