// Package engine runs frozen ShuffleNet-family networks on a CPU.
//
// A [Model] is immutable and safe for any number of goroutines; a [Session] is
// one goroutine's memory for running it. The three-line way in:
//
//	m, err := engine.Load("cifar10.rfl")
//	img, err := preprocess.DecodeFile("picture.jpg")
//	top, err := m.Classify(ctx, img, 5)
//
// and the one without allocations:
//
//	s, err := m.NewSession()
//	err = s.Run(ctx, dst, src)  // float32, NCHW, any batch
//
// # How it works
//
// Loading turns the file's graph into a plan, once: shapes are inferred and
// checked (graph.go, operators.go), activations and adds are fused into the
// kernels before them (fuse.go), every node is lowered to kernel calls with
// packed weights (lower.go and the step_*.go files), and one arena is laid out
// for all activations (plan.go). Running walks the plan's steps (session.go),
// each cut into parts that any thread may take (split.go, crew.go).
//
// A tensor is a table of planes, one entry a channel. Shuffles, splits and
// concats are made when planning, out of table entries, and cost nothing at
// run time. A dynamic shuffle writes its consumers' tables when its input's
// permutation is known (step_dynamic.go).
//
// # Bits
//
// With one build and one instruction set the result has the same bits for any
// number of threads and any place in a batch. Between instruction sets it
// differs by rounding.
//
// The package logs nothing and starts no goroutine before the first run with
// more than one thread.
package engine
