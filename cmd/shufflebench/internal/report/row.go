package report

import (
	"fmt"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/stats"
)

// Row is one contender: an engine with its settings on one network.
type Row struct {
	Network string `json:"network"`
	Engine  string `json:"engine"`            // "riffle", or the peer's name
	Version string `json:"version,omitempty"` // what the peer says of itself
	ISA     string `json:"isa,omitempty"`     // "" for peers
	Threads int    `json:"threads"`
	Batch   int    `json:"batch"`

	stats.Summary
	RoundP50 []float64 `json:"round_p50_ns"` // median of each round
	RoundMin []float64 `json:"round_min_ns"`
	RoundN   []int     `json:"round_n"`

	// Where the row's times fall into two clusters: which, and the median of each
	// round's times of the lower one, 0 where a round has too few of them.
	Clusters *stats.Clusters `json:"clusters,omitempty"`
	RoundLow []float64       `json:"round_low_p50_ns,omitempty"`

	GFLOPS    float64 `json:"gflops"`     // by the median
	PeakShare float64 `json:"peak_share"` // of Threads cores' FMA peak, 0 to 1
	Allocs    float64 `json:"allocs"`     // per run; -1 unknown
	Memory    int64   `json:"peak_rss"`   // bytes, of a process that does only this; 0 unknown
	LoadNS    float64 `json:"load_ns"`    // file to ready, in a new process; 0 unknown
	FirstNS   float64 `json:"first_ns"`   // first run after that
	Diff      float64 `json:"diff"`       // from the reference, as a share of its largest value
	Error     string  `json:"error,omitempty"`
}

// Label names a row in messages: "net: riffle avx2, 1 thread".
func (r *Row) Label() string {
	isa := r.ISA
	if isa != "" {
		isa = " " + isa
	}
	return fmt.Sprintf("%s: %s%s, %s", r.Network, r.Engine, isa, Threads(r.Threads))
}

// Threads writes a number of threads: "1 thread", "2 threads".
func Threads(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}
