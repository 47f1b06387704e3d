package app

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// ideal is how long requests that come at these moments would take, sorted, if each took
// exactly as long as cost on one of so many cores, and they were answered in their order:
// what no server can be quicker than without computing several at once for one of them.
// What a measured tail has more than this is the server's, the client's or the machine's.
func ideal(came []time.Duration, cost time.Duration, cores int) []time.Duration {
	free := make([]time.Duration, cores) // when each core is free
	took := make([]time.Duration, len(came))
	for i, at := range came {
		first := slices.Index(free, slices.Min(free))
		free[first] = max(free[first], at) + cost
		took[i] = free[first] - at
	}
	slices.Sort(took)
	return took
}

// at is the q-th part of sorted times.
func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(q*float64(len(sorted)-1))].Round(10 * time.Microsecond)
}

func TestIdeal(t *testing.T) {
	const ms = time.Millisecond
	got := ideal([]time.Duration{0, 0, 0, 1 * ms, 100 * ms}, 10*ms, 2)
	if want := []time.Duration{10 * ms, 10 * ms, 10 * ms, 19 * ms, 20 * ms}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// What the README says of two cores.
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ load, least, most float64 }{{0.7, 3.3, 3.7}, {0.85, 4.3, 4.9}} {
		came := make([]time.Duration, 300_000)
		for i := 1; i < len(came); i++ {
			came[i] = came[i-1] + time.Duration(r.ExpFloat64()*float64(5*ms)/c.load)
		}
		took := ideal(came, 10*ms, 2)
		ratio := float64(at(took, 0.99)) / float64(at(took, 0.5))
		t.Logf("load %.2f: median %v, p99 %.1f times that", c.load, at(took, 0.5), ratio)
		if ratio < c.least || ratio > c.most {
			t.Errorf("load %.2f: p99 is %.2f medians, want %v to %v", c.load, ratio, c.least, c.most)
		}
	}
}
