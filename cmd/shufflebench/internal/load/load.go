// Package load runs sessions of one model side by side, as a server does that is
// never idle: each session begins its next run as soon as the last one has ended.
package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/riffle-ml/riffle/engine"
)

// Group is some sessions of one model, with an input set. It is for one goroutine
// at a time.
type Group struct {
	sessions []*engine.Session
	in, want []float32
	out      [][]float32 // of each session
}

// New makes n sessions of m that all run on x, float32 NCHW, any number of samples.
// Close must be called before the model is closed.
func New(m *engine.Model, n int, x []float32) (*Group, error) {
	info := m.Info()
	g := &Group{in: x}
	for range n {
		s, err := m.NewSession()
		if err != nil {
			g.Close()
			return nil, err
		}
		g.sessions = append(g.sessions, s)
		g.out = append(g.out, make([]float32, len(x)/info.InputLen()*info.OutputLen()))
	}
	return g, nil
}

// Close closes the sessions.
func (g *Group) Close() {
	for _, s := range g.sessions {
		s.Close()
	}
}

// Sample is what one [Group.Run] measured.
type Sample struct {
	NS        []float64 // of every run, of all sessions
	PerSecond float64   // runs of all sessions a second
}

// Run lets every session run again and again for about d, after one run that is
// not timed. The sessions start together. The outputs must not depend on what runs
// beside: a session whose output has other bits than the first is an error.
func (g *Group) Run(ctx context.Context, d time.Duration) (Sample, error) {
	var (
		times = make([][]float64, len(g.sessions))
		rates = make([]float64, len(g.sessions))
		errs  = make([]error, len(g.sessions))
		ready sync.WaitGroup
		done  sync.WaitGroup
		start = make(chan struct{})
	)
	ready.Add(len(g.sessions))
	for i, s := range g.sessions {
		done.Go(func() {
			errs[i] = s.Run(ctx, g.out[i], g.in)
			ready.Done()
			if <-start; errs[i] != nil {
				return
			}
			begin := time.Now()
			last := begin
			for errs[i] == nil && last.Sub(begin) < d {
				errs[i] = s.Run(ctx, g.out[i], g.in)
				now := time.Now()
				times[i] = append(times[i], float64(now.Sub(last)))
				last = now
			}
			rates[i] = float64(len(times[i])) / last.Sub(begin).Seconds()
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	out := Sample{NS: slices.Concat(times...)}
	for i := range g.sessions {
		if errs[i] != nil {
			return Sample{}, errs[i]
		}
		if err := g.check(i); err != nil {
			return Sample{}, err
		}
		out.PerSecond += rates[i]
	}
	return out, nil
}

// check compares a session's output with the first one that there was.
func (g *Group) check(i int) error {
	if g.want == nil {
		g.want = slices.Clone(g.out[i])
	}
	for k, v := range g.out[i] {
		if w := g.want[k]; v != w && (v == v || w == w) {
			return fmt.Errorf("session %d of %d: element %d: got %g, want %g, as without the others", i+1, len(g.sessions), k, v, w)
		}
	}
	return nil
}
