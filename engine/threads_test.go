package engine

import (
	"context"
	"runtime"
	"testing"
)

// A session that is told to use fewer threads computes the same bits, alone and in a
// batch, and one that is told to use one starts no others.
func TestSetThreads(t *testing.T) {
	if runtime.GOMAXPROCS(0) < 2 {
		t.Skip("one processor")
	}
	e := mustNew(t, build(t, "shufflenetv2:0.5x@32,shuffle=dynamic"), WithThreads(4))
	s, err := e.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	const batch = 7
	src := randomInput(batch*e.plan.InLen, 1)
	run := func(n int) []float32 {
		dst := make([]float32, n*e.plan.OutLen)
		if err := s.Run(context.Background(), dst, src[:n*e.plan.InLen]); err != nil {
			t.Fatal(err)
		}
		return dst
	}
	before := runtime.NumGoroutine()
	s.SetThreads(1)
	one := run(1)
	all := run(batch)
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("with one thread: %d goroutines, %d before", n, before)
	}
	for _, n := range []int{0, 2, 1, 3, 4, 100, -1} {
		s.SetThreads(n)
		for range 20 {
			if !sameBits(run(1), one) || !sameBits(run(batch), all) {
				t.Fatalf("with %d threads other bits", n)
			}
		}
	}
	if n := runtime.NumGoroutine(); n <= before {
		t.Error("no other thread was ever started")
	}
}
