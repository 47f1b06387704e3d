// Package stats is the statistics of times: summaries, intervals of ratios, a
// test of whether two samples differ. It knows nothing of what was timed.
package stats

import (
	"math"
	"slices"
)

// Summary describes a sample of times, in nanoseconds. No time is thrown away:
// outliers show in Max, P99, Mean and Dev.
type Summary struct {
	N    int     `json:"n"`
	P50  float64 `json:"p50_ns"`
	P90  float64 `json:"p90_ns"`
	P99  float64 `json:"p99_ns"`
	Min  float64 `json:"min_ns"`
	Max  float64 `json:"max_ns"`
	Mean float64 `json:"mean_ns"`
	Dev  float64 `json:"dev_ns"` // standard deviation of the sample, n-1
}

// Summarize computes the summary of x, which it does not change. That of an
// empty sample is all zero.
func Summarize(x []float64) Summary {
	if len(x) == 0 {
		return Summary{}
	}
	s := slices.Clone(x)
	slices.Sort(s)
	st := Summary{N: len(s), P50: Quantile(s, 0.5), P90: Quantile(s, 0.9), P99: Quantile(s, 0.99), Min: s[0], Max: s[len(s)-1]}
	for _, v := range s {
		st.Mean += v
	}
	st.Mean /= float64(len(s))
	if len(s) > 1 {
		for _, v := range s {
			st.Dev += (v - st.Mean) * (v - st.Mean)
		}
		st.Dev = math.Sqrt(st.Dev / float64(len(s)-1))
	}
	return st
}

// Quantile interpolates between the order statistics of sorted, which is in
// ascending order and not empty. q is from 0 to 1. It is type 7 of Hyndman and
// Fan (1996), the default of R and NumPy.
func Quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	lo := int(at)
	if lo+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[lo] + (at-float64(lo))*(sorted[lo+1]-sorted[lo])
}

// Median returns the median of x, which it does not change; 0 if x is empty.
func Median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Clone(x)
	slices.Sort(s)
	return Quantile(s, 0.5)
}

// Quantiles returns quantiles of x, which it does not change; zeros if x is empty.
func Quantiles(x []float64, qs ...float64) []float64 {
	out := make([]float64, len(qs))
	if len(x) == 0 {
		return out
	}
	s := slices.Clone(x)
	slices.Sort(s)
	for i, q := range qs {
		out[i] = Quantile(s, q)
	}
	return out
}
