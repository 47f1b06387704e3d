package plan

// Step is one kernel call, or a few alike. Up to Parts workers can share it.
type Step struct {
	Label
	Parts  int
	Runner Runner
}

// Label says what a step is for.
type Label struct {
	Node string // of the graph, or the name of its input or output
	Op   string // the node's operator, or what the engine does on its own
}

// Runner is what a step does.
type Runner interface {
	// Run does the worker's share of the step. Shares of one step touch different
	// outputs, so that they may run in any order and at the same time. How a step
	// is shared never changes a bit of what it computes.
	Run(w *Worker, s Share)
	// Describe tells people and tools what Run does when it is not shared.
	Describe() Description
}

// Description is a step in words and numbers.
type Description struct {
	Kernel string // the kernel and its shape: "gemm4x24 58x58x784"
	Kind   string // of kernel: "gemm", "depthwise", "maxpool"
	Tile   string // of a GEMM: "4x24"
	Sizes  []int  // of a GEMM: groups; output and input channels of a group; pixels
	Call   any    // the argument block that tells a kernel.Set which code would run; nil: plain Go, with nothing to choose
	MACs   int64  // multiply-adds of one sample
	Bytes  int64  // of activations and weights, each counted once
	Chain  []Part // of several steps that run as one, a band of rows at a time: each as if it ran alone
}

// Part is a step that runs as a part of another.
type Part struct {
	Label
	Description
}
