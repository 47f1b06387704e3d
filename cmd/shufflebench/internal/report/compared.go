package report

import "github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"

// Ratio compares two rows: the time of Row over the time of Base. P50 is that of
// the medians over rounds of the rounds' medians, of which CI is the interval.
// Rounds count as [Undisturbed] says.
type Ratio struct {
	What string          `json:"what"` // "engine", "isa", "threads" or "network"
	Row  int             `json:"row"`
	Base int             `json:"base"`
	P50  float64         `json:"p50"`
	CI   *stats.Interval `json:"ci,omitempty"` // of P50; nil with fewer than three rounds
	Min  float64         `json:"min"`
	Low  bool            `json:"low,omitempty"` // times fall into two clusters, of which the lower one is compared
}

// Change compares a row with the same row of an earlier run.
type Change struct {
	Row         int     `json:"row"`
	OldP50      float64 `json:"old_p50_ns"`
	NewP50      float64 `json:"new_p50_ns"`
	Delta       float64 `json:"delta"` // new/old - 1
	P           float64 `json:"p"`     // Mann-Whitney over the medians of rounds
	Significant bool    `json:"significant"`
	Low         bool    `json:"low,omitempty"` // as in Ratio
}

// Undisturbed returns the medians of the rounds in which every row has times that
// count: all times, or, where a row's times fall into two clusters, those of the
// lower cluster. The result has a list for each row, all of one length. low tells
// whether any row has clusters. Where there is no such round, the medians of all
// times of all rounds are returned, and low is false.
func Undisturbed(rows ...*Row) (medians [][]float64, low bool) {
	rounds := len(rows[0].RoundP50)
	for _, r := range rows {
		rounds = min(rounds, len(r.RoundP50))
		low = low || r.Clusters != nil
	}
	medians, all := make([][]float64, len(rows)), make([][]float64, len(rows))
	for i := range rounds {
		counts := true
		for _, r := range rows {
			counts = counts && (r.Clusters == nil || r.RoundLow[i] > 0)
		}
		for k, r := range rows {
			all[k] = append(all[k], r.RoundP50[i])
			switch {
			case counts && r.Clusters != nil:
				medians[k] = append(medians[k], r.RoundLow[i])
			case counts:
				medians[k] = append(medians[k], r.RoundP50[i])
			}
		}
	}
	if len(medians[0]) == 0 {
		return all, false
	}
	return medians, low
}
