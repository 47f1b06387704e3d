package main

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Stats sums a sample of times up, in nanoseconds. Nothing is thrown away:
// outliers are in Max, P99, Mean and Dev.
type Stats struct {
	N    int     `json:"n"`
	P50  float64 `json:"p50_ns"`
	P90  float64 `json:"p90_ns"`
	P99  float64 `json:"p99_ns"`
	Min  float64 `json:"min_ns"`
	Max  float64 `json:"max_ns"`
	Mean float64 `json:"mean_ns"`
	Dev  float64 `json:"dev_ns"` // standard deviation of the sample, n-1
}

// summarize computes Stats; it does not change x. An empty sample is all zero.
func summarize(x []float64) Stats {
	if len(x) == 0 {
		return Stats{}
	}
	s := slices.Clone(x)
	slices.Sort(s)
	st := Stats{N: len(s), P50: quantile(s, 0.5), P90: quantile(s, 0.9), P99: quantile(s, 0.99), Min: s[0], Max: s[len(s)-1]}
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

// quantile interpolates between the order statistics of sorted, which is not
// empty (type 7 of Hyndman and Fan, what R and NumPy do by default).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	lo := int(at)
	if lo+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[lo] + (at-float64(lo))*(sorted[lo+1]-sorted[lo])
}

// median of x, which it does not change; 0 if empty.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Clone(x)
	slices.Sort(s)
	return quantile(s, 0.5)
}

// Interval is a 95 % confidence interval.
type Interval struct {
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

const resamples = 2000

// ratioInterval is the percentile bootstrap of median(a)/median(b), where a[i]
// and b[i] were measured in the same round: whole rounds are drawn, so that
// what slowed both sides at once does not widen it. Deterministic. With fewer
// than three rounds there is nothing to draw from: 0 to +Inf would be honest,
// and the caller shows none; ok is false.
func ratioInterval(a, b []float64) (iv Interval, ok bool) {
	n := min(len(a), len(b))
	if n < 3 {
		return iv, false
	}
	rng := rand.New(rand.NewPCG(1, 2))
	ratios := make([]float64, resamples)
	x, y := make([]float64, n), make([]float64, n)
	for i := range ratios {
		for j := range n {
			k := rng.IntN(n)
			x[j], y[j] = a[k], b[k]
		}
		slices.Sort(x)
		slices.Sort(y)
		ratios[i] = quantile(x, 0.5) / quantile(y, 0.5)
	}
	slices.Sort(ratios)
	return Interval{quantile(ratios, 0.025), quantile(ratios, 0.975)}, true
}

// mannWhitney returns the two-sided p-value of the hypothesis that x and y come
// from the same distribution: exact for up to 50 values in all without ties,
// the normal approximation with corrections for ties and continuity otherwise.
// 1 where a side is empty.
func mannWhitney(x, y []float64) float64 {
	n, m := len(x), len(y)
	if n == 0 || m == 0 {
		return 1
	}
	type item struct {
		v     float64
		first bool
	}
	all := make([]item, 0, n+m)
	for _, v := range x {
		all = append(all, item{v, true})
	}
	for _, v := range y {
		all = append(all, item{v, false})
	}
	slices.SortFunc(all, func(a, b item) int {
		switch {
		case a.v < b.v:
			return -1
		case a.v > b.v:
			return 1
		}
		return 0
	})
	ranks, ties := 0.0, 0.0
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].v == all[i].v {
			j++
		}
		t := float64(j - i)
		ties += t*t*t - t
		for k := i; k < j; k++ {
			if all[k].first {
				ranks += float64(i+j+1) / 2
			}
		}
		i = j
	}
	u := ranks - float64(n*(n+1))/2
	u = min(u, float64(n*m)-u)
	if ties == 0 && n+m <= 50 {
		return min(1, 2*exactU(n, m, int(u)))
	}
	total := float64(n + m)
	sd := math.Sqrt(float64(n*m) / 12 * (total + 1 - ties/(total*(total-1))))
	if sd == 0 {
		return 1
	}
	z := max(0, float64(n*m)/2-u-0.5) / sd
	return math.Erfc(z / math.Sqrt2)
}

// exactU is the probability of a U statistic of at most u: count[i][k] ways of
// i values of the first sample among those seen so far to have U = k.
func exactU(n, m, u int) float64 {
	// ways(i, j, k) = ways(i-1, j, k-j) + ways(i, j-1, k), over j row by row.
	count := make([][]float64, n+1)
	for i := range count {
		count[i] = make([]float64, u+1)
		count[i][0] = 1
	}
	for j := 1; j <= m; j++ {
		for i := 1; i <= n; i++ {
			for k := u; k >= 0; k-- {
				if k >= j {
					count[i][k] += count[i-1][k-j]
				}
			}
		}
	}
	sum, total := 0.0, 1.0
	for _, c := range count[n] {
		sum += c
	}
	for i := 1; i <= n; i++ {
		total *= float64(m+i) / float64(i)
	}
	return sum / total
}
