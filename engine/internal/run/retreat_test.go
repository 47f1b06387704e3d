package run

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
)

func TestRetreat(t *testing.T) {
	const ms = time.Millisecond
	type run struct {
		took, waited time.Duration
		threads      int
		offered      int
		taken        int
		debt, length time.Duration // wanted
	}
	stall := run{2 * ms, 2 * ms, 2, 10, 0, credit, 0}
	after := func(r run, length time.Duration) run { r.length = length; return r }
	for name, runs := range map[string][]run{
		"helpers that are worth it":     {{2 * ms, 0, 2, 10, 0, 0, 0}, {2 * ms, ms / 2, 2, 10, 0, 0, 0}},
		"a short stall is nothing":      {{ms, ms * 9 / 10, 2, 10, 0, ms / 2, 0}, {ms, 0, 2, 10, 0, ms / 10, 0}, {ms, 0, 2, 10, 0, 0, 0}},
		"stalls add up":                 {{ms, ms * 9 / 10, 2, 10, 0, ms / 2, 0}, {2 * ms, 2 * ms, 2, 10, 0, credit, 8 * ms}},
		"longer each time, to an end":   {after(stall, 8*ms), after(stall, 16*ms), after(stall, 32*ms), after(stall, 64*ms), after(stall, 128*ms), after(stall, 256*ms), after(stall, 512*ms), after(stall, 512*ms)},
		"earned again":                  {after(stall, 8*ms), {ms, 0, 2, 10, 0, ms * 6 / 10, 8 * ms}, {2 * ms, 0, 2, 10, 0, 0, 0}, after(stall, 8*ms)},
		"not yet earned":                {after(stall, 8*ms), {ms, 0, 2, 10, 0, ms * 6 / 10, 8 * ms}, after(stall, 16*ms)},
		"the caller's work saves none":  {{10 * ms, ms / 2, 2, 10, 10, ms / 2, 0}, {10 * ms, 4 * ms, 2, 10, 5, credit, 40 * ms}},
		"three threads wait for one":    {{2 * ms, 2 * ms, 3, 20, 0, 0, 0}, {3 * ms, 6 * ms, 3, 20, 0, credit, 12 * ms}},
		"steps that nobody could share": {{10 * ms, 0, 2, 0, 0, 0, 0}},
	} {
		var r retreat
		now := time.Now()
		for i, x := range runs {
			now = now.Add(time.Second)
			r.offered, r.taken = x.offered, x.taken
			until := r.until
			r.account(now, x.took, x.waited, x.threads)
			if r.debt != x.debt || r.length != x.length {
				t.Errorf("%s, run %d: debt %v, length %v, want %v, %v", name, i, r.debt, r.length, x.debt, x.length)
			}
			if retreats := x.debt == credit; retreats != !r.until.Equal(until) || retreats && r.until.Sub(now) != x.length {
				t.Errorf("%s, run %d: until %v", name, i, r.until.Sub(now))
			}
		}
	}
}

// slowed counts the parts that the pool does, and has each take that much longer.
type slowed struct {
	plan.Runner
	session *Session
	by      time.Duration
	helped  *atomic.Int64
}

func (c slowed) Run(w *plan.Worker, s plan.Share) {
	if w != &c.session.team.members[0].worker && w != &c.session.solo.worker {
		c.helped.Add(1)
		time.Sleep(c.by)
	}
	c.Runner.Run(w, s)
}

// helped returns a session whose pool's parts are slowed, and counts them.
func helped(t *testing.T, by time.Duration) (s *Session, in, want []float32, n *atomic.Int64) {
	const spec, samples = "shufflenetv2:0.5x@96", 8
	one := newSession(t, spec, 1)
	in, want = randomInput(samples*one.run.plan.InLen, 3), make([]float32, samples*one.run.plan.OutLen)
	if err := one.Run(context.Background(), want, in, samples); err != nil {
		t.Fatal(err)
	}
	s, n = newSession(t, spec, 2), new(atomic.Int64)
	for i := range s.run.plan.Steps {
		st := &s.run.plan.Steps[i]
		st.Runner = slowed{st.Runner, s, by, n}
	}
	return s, in, want, n
}

func runSame(t *testing.T, s *Session, n int, in, want []float32) {
	t.Helper()
	p := s.run.plan
	out := make([]float32, n*p.OutLen)
	if err := s.Run(context.Background(), out, in[:n*p.InLen], n); err != nil || !slices.Equal(out, want[:n*p.OutLen]) {
		t.Fatalf("%v, or other bits", err)
	}
}

// During a retreat no helper comes, afterwards they do again, and the bits are
// the same.
func TestRunsAlone(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	s, in, want, n := helped(t, 0)
	come := func() {
		t.Helper()
		before := n.Load()
		for deadline := time.Now().Add(10 * time.Second); n.Load() == before; runSame(t, s, 1, in, want) {
			s.team.retreat = retreat{}
			if time.Now().After(deadline) {
				t.Skip("no helper came in ten seconds")
			}
		}
	}
	come()
	for range 3 {
		s.team.retreat = retreat{until: time.Now().Add(time.Hour)}
		before := n.Load()
		for range 5 {
			runSame(t, s, 1, in, want)
			runSame(t, s, 3, in, want)
		}
		if n := n.Load() - before; n != 0 {
			t.Fatalf("helpers did %d parts during a retreat", n)
		}
		if runSame(t, s, 8, in, want); s.team.alone.Load() {
			t.Fatal("a batch of many samples was computed alone")
		}
		come()
	}
}

// Helpers that hold a run up are given up.
func TestSlowHelpers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	s, in, want, n := helped(t, 5*time.Millisecond)
	for deadline := time.Now().Add(10 * time.Second); s.team.retreat.length == 0; runSame(t, s, 1, in, want) {
		if parts := n.Load(); parts > 1000 {
			t.Fatalf("helpers held runs up %d times and are still asked", parts)
		}
		if time.Now().After(deadline) {
			t.Skip("no helper came in ten seconds")
		}
	}
	if s.team.retreat.until.IsZero() {
		t.Error("a retreat without an end")
	}
}
