package report

// Load is a network under load: sessions of riffle side by side, each of which
// begins its next run as soon as the last one has ended.
type Load struct {
	Network    string  `json:"network"`
	ISA        string  `json:"isa"`
	Threads    int     `json:"threads"` // of each session
	Batch      int     `json:"batch"`   // samples in a run
	Sessions   int     `json:"sessions"`
	N          int     `json:"n"`          // runs that were timed
	Throughput float64 `json:"throughput"` // samples a second, of all sessions
	P50        float64 `json:"p50_ns"`     // of a run
	P95        float64 `json:"p95_ns"`
	P99        float64 `json:"p99_ns"`
	P999       float64 `json:"p99_9_ns"`
	Max        float64 `json:"max_ns"`
}
