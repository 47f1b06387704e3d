package stats

import (
	"cmp"
	"math"
	"slices"
)

// MannWhitney returns the two-sided p-value of the hypothesis that x and y come
// from the same distribution: exact for up to 50 values in all without ties,
// the normal approximation with corrections for ties and continuity otherwise.
// 1 where a side is empty.
func MannWhitney(x, y []float64) float64 {
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
	slices.SortFunc(all, func(a, b item) int { return cmp.Compare(a.v, b.v) })
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

// exactU is the probability that the U statistic of samples of n and m values is
// at most u, if both come from one distribution. count[i][k] is the number of
// orders of i values of the first sample and the j values of the second one seen
// so far that have U = k.
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
