package app

import (
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
}
