package main

import "time"

// Report is everything that one run of shufflebench found out. It is what -o
// json prints, what -baseline reads and what the plot is drawn from.
type Report struct {
	Format      int           `json:"format"` // of this JSON, 1
	Time        time.Time     `json:"time"`
	Machine     Machine       `json:"machine"`
	Rounds      int           `json:"rounds"`
	Benchtime   time.Duration `json:"benchtime_ns"` // of each row, over all rounds
	Networks    []Network     `json:"networks"`
	Rows        []Row         `json:"rows"`
	Ratios      []Ratio       `json:"ratios,omitempty"`
	Changes     []Change      `json:"changes,omitempty"` // against -baseline
	Profiles    []Profile     `json:"profiles,omitempty"`
	Kernels     []KernelRow   `json:"kernels,omitempty"`
	Warnings    []string      `json:"warnings,omitempty"`
	Interrupted int           `json:"interrupted_after_rounds,omitempty"` // 0: it ran to the end
	Partial     bool          `json:"partial,omitempty"`
}

// Machine is where the run took place.
type Machine struct {
	CPU        string             `json:"cpu"`
	Features   []string           `json:"features"` // that kernels use
	Unused     []string           `json:"unused,omitempty"`
	Disabled   []string           `json:"disabled,omitempty"` // "neon: why"
	OS         string             `json:"os"`
	Arch       string             `json:"arch"`
	Go         string             `json:"go"`
	Procs      int                `json:"gomaxprocs"`
	CPUs       int                `json:"cpus"`
	Load       string             `json:"load"`        // averages over 1, 5, 15 minutes before; "" if unknown
	PeakGFLOPS map[string]float64 `json:"peak_gflops"` // of one core, by instruction set
	MemoryGBs  float64            `json:"memory_gbs"`  // one core copying a block larger than its caches, read and write counted
	CacheGBs   float64            `json:"cache_gbs"`   // the same inside a level-2 cache
}

// Network is one network that was measured.
type Network struct {
	Name       string `json:"name"`
	Source     string `json:"source"` // "arch", "built in" or the file
	SHA256     string `json:"sha256"` // of the .rfl file
	Input      []int  `json:"input"`
	MACs       int64  `json:"macs"` // of one sample
	Parameters int    `json:"parameters"`
}

// Row is one contender: an engine with its settings on one network.
type Row struct {
	Network string `json:"network"`
	Engine  string `json:"engine"`            // "riffle", or the peer's name
	Version string `json:"version,omitempty"` // what the peer says of itself
	ISA     string `json:"isa,omitempty"`     // "" for peers
	Threads int    `json:"threads"`
	Batch   int    `json:"batch"`

	Stats
	RoundP50 []float64 `json:"round_p50_ns"` // median of each round
	RoundMin []float64 `json:"round_min_ns"`
	RoundN   []int     `json:"round_n"`

	GFLOPS    float64 `json:"gflops"`     // by the median
	PeakShare float64 `json:"peak_share"` // of Threads cores' FMA peak, 0 to 1
	Allocs    float64 `json:"allocs"`     // per run; -1 unknown
	Memory    int64   `json:"peak_rss"`   // bytes, of a process that does only this; 0 unknown
	LoadNS    float64 `json:"load_ns"`    // file to ready, in a new process; 0 unknown
	FirstNS   float64 `json:"first_ns"`   // first run after that
	Diff      float64 `json:"diff"`       // from the reference, as a share of its largest value
	Error     string  `json:"error,omitempty"`
}

// Ratio compares two rows: the time of Row over the time of Base. P50 is that of
// the medians over rounds of the rounds' medians, of which CI is the interval.
type Ratio struct {
	What string    `json:"what"` // "engine", "isa", "threads" or "network"
	Row  int       `json:"row"`
	Base int       `json:"base"`
	P50  float64   `json:"p50"`
	CI   *Interval `json:"ci,omitempty"` // of P50; nil with fewer than three rounds
	Min  float64   `json:"min"`
}

// Change compares a row with the same row of an earlier run.
type Change struct {
	Row         int     `json:"row"`
	OldP50      float64 `json:"old_p50_ns"`
	NewP50      float64 `json:"new_p50_ns"`
	Delta       float64 `json:"delta"` // new/old - 1
	P           float64 `json:"p"`     // Mann-Whitney over the medians of rounds
	Significant bool    `json:"significant"`
}

// Profile is where the time of one network goes, on one thread.
type Profile struct {
	Network string        `json:"network"`
	ISA     string        `json:"isa"`
	Total   float64       `json:"total_ns"`
	Steps   []ProfileStep `json:"steps"`
	Kinds   []ProfileStep `json:"kinds"` // summed by kind of operator, slowest first
}

// ProfileStep is one step of the plan, or all of a kind.
type ProfileStep struct {
	Node      string  `json:"node,omitempty"`
	Op        string  `json:"op"`
	Kernel    string  `json:"kernel,omitempty"`
	Count     int     `json:"count"`
	NS        float64 `json:"ns"` // median
	Share     float64 `json:"share"`
	GFLOPS    float64 `json:"gflops"`
	PeakShare float64 `json:"peak_share"`
	Bytes     int64   `json:"bytes"`
	Intensity float64 `json:"intensity"` // operations a byte
}

// KernelRow is one kernel variant on one shape of a network.
type KernelRow struct {
	Network string  `json:"network"`
	ISA     string  `json:"isa"`
	Shape   string  `json:"shape"`
	Variant string  `json:"variant"`
	Uses    int     `json:"uses"` // steps of the plan with this shape
	NS      float64 `json:"ns"`   // median of rounds
	Min     float64 `json:"min_ns"`
	GFLOPS  float64 `json:"gflops"`
	Chosen  bool    `json:"chosen"`
}
