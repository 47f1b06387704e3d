package stats

import (
	"math/rand/v2"
	"slices"
)

// Interval is a 95 % confidence interval.
type Interval struct {
	Lo float64 `json:"lo"`
	Hi float64 `json:"hi"`
}

const resamples = 2000

// RatioInterval is the percentile bootstrap (Efron) of median(a)/median(b), where
// a[i] and b[i] were measured in the same round. Whole rounds are drawn, so that
// what slowed both sides in a round does not widen the interval. The result is
// the same in every call. With fewer than three rounds there is nothing to draw
// from, and ok is false.
func RatioInterval(a, b []float64) (iv Interval, ok bool) {
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
		ratios[i] = Quantile(x, 0.5) / Quantile(y, 0.5)
	}
	slices.Sort(ratios)
	return Interval{Quantile(ratios, 0.025), Quantile(ratios, 0.975)}, true
}
