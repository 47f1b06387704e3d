package stats

import (
	"math"
	"slices"
)

// Clusters is a sample of times that falls into two groups with little between
// them. That is what a shared machine shows where a neighbour on the core's other
// hardware thread slows every run by the same factor for seconds at a time.
type Clusters struct {
	Cut   float64 `json:"cut_ns"`  // times up to this one are of the lower cluster
	Low   float64 `json:"low_ns"`  // median of the lower cluster
	High  float64 `json:"high_ns"` // median of the upper cluster
	Share float64 `json:"share"`   // of the upper cluster, 0 to 1
}

const (
	fewestTimes   = 40   // of which two clusters can be told from chance
	fewestIn      = 5    // of the smaller cluster, and
	fewestShare   = 0.05 // at least this share of all
	leastFactor   = 1.2  // between the clusters' medians
	mostInBetween = 0.15 // times between the clusters, as a share of the smaller cluster
)

// TwoClusters tells whether x, whose values are more than 0, falls into two
// clusters. x is not changed.
//
// The cut is the one that makes the sum of distances from the clusters' medians
// least (k-medians with k = 2, exact in one dimension), in logarithms. The highest
// and the lowest twentieth count as no farther than the rest, so that a few times
// that are far off do not move the cut. Any sample can be cut in two. It has two
// clusters only if both hold a twentieth of the times or more, their medians are
// a factor of 1.2 apart, and the middle third of the way from one median to the
// other is nearly empty: a sample with a single peak or a long tail has many
// times there.
func TwoClusters(x []float64) (Clusters, bool) {
	n := len(x)
	if n < fewestTimes {
		return Clusters{}, false
	}
	s := make([]float64, n)
	for i, v := range x {
		s[i] = math.Log(v)
	}
	slices.Sort(s)
	fewest := max(fewestIn, int(math.Ceil(fewestShare*float64(n))))
	k := cut(clamped(s), fewest)
	lo, hi := Quantile(s[:k], 0.5), Quantile(s[k:], 0.5)
	if !(hi-lo >= math.Log(leastFactor)) {
		return Clusters{}, false
	}
	k, _ = slices.BinarySearch(s, (lo+hi)/2) // each time belongs to the nearer median
	third := (hi - lo) / 3
	from, _ := slices.BinarySearch(s, lo+third)
	to, _ := slices.BinarySearch(s, hi-third)
	smaller := min(k, n-k)
	if smaller < fewest || float64(to-from) > mostInBetween*float64(smaller) {
		return Clusters{}, false
	}
	return Clusters{Cut: math.Exp((lo + hi) / 2), Low: math.Exp(lo), High: math.Exp(hi), Share: float64(n-k) / float64(n)}, true
}

// clamped is s, which is sorted, with the ends drawn in to the 5th and the 95th
// percentile.
func clamped(s []float64) []float64 {
	lo, hi := Quantile(s, fewestShare), Quantile(s, 1-fewestShare)
	out := make([]float64, len(s))
	for i, v := range s {
		out[i] = min(hi, max(lo, v))
	}
	return out
}

// cut returns the k that makes the sum of distances of s[:k] and s[k:] from their
// medians least, with at least fewest values on both sides. s is sorted.
func cut(s []float64, fewest int) int {
	sums := make([]float64, len(s)+1) // sums[i] is the sum of s[:i]
	for i, v := range s {
		sums[i+1] = sums[i] + v
	}
	distances := func(i, j int) float64 { // of s[i:j] from its median: upper half minus lower half
		m := (j - i) / 2
		return (sums[j] - sums[j-m]) - (sums[i+m] - sums[i])
	}
	best, least := fewest, math.Inf(1)
	for k := fewest; k <= len(s)-fewest; k++ {
		if d := distances(0, k) + distances(k, len(s)); d < least {
			best, least = k, d
		}
	}
	return best
}
