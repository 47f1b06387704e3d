package report

// Profile is where the time of one network goes, on one thread.
type Profile struct {
	Network string  `json:"network"`
	ISA     string  `json:"isa"`
	Total   float64 `json:"total_ns"`
	Steps   []Step  `json:"steps"`
	Kinds   []Step  `json:"kinds"` // summed by kind of operator, slowest first
}

// Step is one step of the plan, or all of a kind.
type Step struct {
	Node           string  `json:"node,omitempty"`
	Op             string  `json:"op"`
	Kernel         string  `json:"kernel,omitempty"`
	Kind           string  `json:"kind,omitempty"` // of the kernel
	Implementation string  `json:"implementation,omitempty"`
	Reference      bool    `json:"reference,omitempty"` // it runs the Go reference, although there is a vector instruction set
	Count          int     `json:"count"`
	NS             float64 `json:"ns"`               // median
	RunNS          float64 `json:"run_ns,omitempty"` // in the run whose total was the median; 0 of a kind
	Share          float64 `json:"share"`
	GFLOPS         float64 `json:"gflops"`
	PeakShare      float64 `json:"peak_share"`
	Bytes          int64   `json:"bytes"`
	Intensity      float64 `json:"intensity"` // operations a byte
}

// Kernel is one kernel variant on one shape of a network.
type Kernel struct {
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
