package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/riffle-ml/riffle/engine"
)

// contender is one row at work.
type contender interface {
	// output runs once and returns the output.
	output(ctx context.Context) ([]float32, error)
	// time runs warm times, then n times, and returns the nanoseconds of each
	// of the n, and the allocations of a run (-1 if unknown).
	time(ctx context.Context, warm, n int) (ns []float64, allocs float64, err error)
	close()
}

// riffle runs in this process.
type riffle struct {
	model   *engine.Model
	session *engine.Session
	in, out []float32
}

func newRiffle(m *engine.Model) (riffle, error) {
	s, err := m.NewSession()
	return riffle{model: m, session: s}, err
}

func (r *riffle) setInput(x []float32) {
	info := r.model.Info()
	r.in, r.out = x, make([]float32, len(x)/info.InputLen()*info.OutputLen())
}

func (r *riffle) output(ctx context.Context) ([]float32, error) {
	err := r.session.Run(ctx, r.out, r.in)
	return r.out, err
}

func (r *riffle) time(ctx context.Context, warm, n int) ([]float64, float64, error) {
	ns := make([]float64, n)
	for range warm {
		if err := r.session.Run(ctx, r.out, r.in); err != nil {
			return nil, -1, err
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range ns {
		begin := time.Now()
		err := r.session.Run(ctx, r.out, r.in)
		ns[i] = float64(time.Since(begin))
		if err != nil {
			return nil, -1, err
		}
	}
	runtime.ReadMemStats(&after)
	return ns, float64(after.Mallocs-before.Mallocs) / float64(max(1, n)), nil
}

func (r *riffle) close() {
	if r.session != nil {
		r.session.Close()
		r.model.Close()
		r.session, r.model = nil, nil
	}
}

// peer runs in a process of its own.
type peer struct {
	p     *process
	input []byte
}

func (c *peer) output(ctx context.Context) ([]float32, error) {
	a, err := c.p.ask(ctx, request{Op: "run", Input: c.input})
	if err != nil {
		return nil, err
	}
	y, err := toFloats(a.Output)
	if err != nil {
		return nil, fmt.Errorf("%s: output: %w", c.p.what, err)
	}
	return y, nil
}

func (c *peer) time(ctx context.Context, warm, n int) ([]float64, float64, error) {
	a, err := c.p.ask(ctx, request{Op: "time", Warm: warm, N: n})
	if err != nil {
		return nil, -1, err
	}
	if len(a.NS) != n {
		return nil, -1, c.p.fail(fmt.Errorf("time: got %d times, want %d", len(a.NS), n))
	}
	for _, t := range a.NS {
		if !(t > 0) {
			return nil, -1, c.p.fail(fmt.Errorf("time: got %v ns, want more than 0", t))
		}
	}
	allocs := -1.0
	if a.Allocs != nil {
		allocs = *a.Allocs
	}
	return a.NS, allocs, nil
}

func (c *peer) close() { c.p.close() }
