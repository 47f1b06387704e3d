// Package contender is what a row of the benchmark runs: riffle in this process,
// or another engine in a process of its own.
package contender

import "context"

// Contender is an engine with a network loaded and an input set. It is for one
// goroutine at a time.
type Contender interface {
	// Output runs once and returns the output. The slice is valid until the
	// next call.
	Output(ctx context.Context) ([]float32, error)
	// Time runs warm times, then n times, and returns the nanoseconds of each
	// of the n, and the allocations of a run (-1 if unknown).
	Time(ctx context.Context, warm, n int) (ns []float64, allocs float64, err error)
	// Close frees what the contender holds. It may be called again.
	Close()
}
