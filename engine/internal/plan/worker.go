package plan

import "github.com/riffle-ml/riffle/kernel"

// Worker is one thread at work in a Memory. Its scratch is nobody else's
// meanwhile. Kernels take their arguments by pointer; Args is where those stay,
// so that a call allocates nothing.
type Worker struct {
	*Memory
	Set  *kernel.Set
	Args kernel.Scratch

	// Soon is room for a list of memory that the next step reads: see kernel.GEMM's Soon.
	Soon [16][]byte

	scratch []int32
	_       [64]byte // the next worker's begins in another cache line
}

// Scratch returns n values that nothing else uses until it is called again. What they
// hold is left over. The step has asked for them by [Builder.NeedScratch].
func (w *Worker) Scratch(n int) []int32 { return w.scratch[:n] }
