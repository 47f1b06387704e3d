package load

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/engine"
)

func group(t *testing.T, sessions int) *Group {
	t.Helper()
	n, err := network.FromArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.New(n.Model, engine.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	g, err := New(m, sessions, n.Noise(2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

func TestRun(t *testing.T) {
	g := group(t, 3)
	const d = 30 * time.Millisecond
	s, err := g.Run(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	total := 0.0
	for _, ns := range s.NS {
		if ns <= 0 {
			t.Fatalf("got a time of %v", ns)
		}
		total += ns
	}
	// Each session is busy all the time: the times add up to three times d, and
	// the rate is what follows from them.
	if total < 3*float64(d) {
		t.Errorf("got times of %v in all, want at least %v", time.Duration(total), 3*d)
	}
	if want := float64(len(s.NS)) * 3 / (total / 1e9); s.PerSecond < want/3 || s.PerSecond > 3*want {
		t.Errorf("got %v runs a second, want about %v", s.PerSecond, want)
	}
}

func TestErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g := group(t, 2)
	if _, err := g.Run(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	g.want = make([]float32, len(g.out[0]))
	g.want[3] = -1
	if _, err := g.Run(context.Background(), time.Millisecond); err == nil || !strings.Contains(err.Error(), "session 1 of 2: element 0") {
		t.Errorf("got %v, want an output that differs", err)
	}
}
