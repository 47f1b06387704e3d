// Package run runs plans: one sample or many, on one thread or several, until the
// caller cancels.
//
// A [Session] is one caller's run-time. Its Run method is the forward pass:
// run.go walks the steps. How a worker takes part in a step is one of two: alone
// (solo.go), or shared with the worker pool, layer by layer (shared.go). A batch is
// shared sample by sample (batch.go). The pool's threads are in pool.go; retreat.go
// decides when to do without them.
//
// The package knows plans, threads and time. It does not know operators, graphs or
// kernels.
package run
