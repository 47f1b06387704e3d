package main

// report is what the picture needs of shufflebench's JSON.
type report struct {
	Format  int `json:"format"`
	Machine struct {
		CPU        string             `json:"cpu"`
		PeakGFLOPS map[string]float64 `json:"peak_gflops"`
		MemoryGBs  float64            `json:"memory_gbs"`
		CacheGBs   float64            `json:"cache_gbs"`
	} `json:"machine"`
	Rows []struct {
		Network string  `json:"network"`
		Engine  string  `json:"engine"`
		ISA     string  `json:"isa"`
		Threads int     `json:"threads"`
		N       int     `json:"n"`
		P50     float64 `json:"p50_ns"`
		P90     float64 `json:"p90_ns"`
		Min     float64 `json:"min_ns"`
	} `json:"rows"`
	Loads []struct {
		Network    string  `json:"network"`
		ISA        string  `json:"isa"`
		Sessions   int     `json:"sessions"`
		Throughput float64 `json:"throughput"`
		P50        float64 `json:"p50_ns"`
		P99        float64 `json:"p99_ns"`
	} `json:"loads"`
	Profiles []struct {
		Network string `json:"network"`
		Steps   []struct {
			Op        string  `json:"op"`
			Kernel    string  `json:"kernel"`
			NS        float64 `json:"ns"`
			GFLOPS    float64 `json:"gflops"`
			Intensity float64 `json:"intensity"`
		} `json:"steps"`
	} `json:"profiles"`
}

func (r *report) peak() float64 {
	best := 0.0
	for _, p := range r.Machine.PeakGFLOPS {
		best = max(best, p)
	}
	return best
}
