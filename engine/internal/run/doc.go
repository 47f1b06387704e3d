// Package run runs plans: one sample or many, on one thread or several, until the
// caller cancels.
//
// A [Session] is one caller's run-time. Its Run method is in session.go, which stands
// on the other files: batch.go shares a batch sample by sample; pool.go has the
// threads of the worker pool; team.go shares one sample step by step; solo.go computes
// one alone; forward.go walks the steps; retreat.go decides when to do without the pool.
//
// The package knows plans, threads and time. It does not know operators, graphs or
// kernels.
package run
