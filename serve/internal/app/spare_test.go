package app

import (
	"runtime"
	"testing"
)

// One thread is to spare where samples are computed on all processors, and only there.
func TestSpare(t *testing.T) {
	n := runtime.GOMAXPROCS(0)
	for _, c := range []struct {
		slots, threads int
		env            string
		more           int
	}{
		{n, 1, "", 1}, {1, n, "", 1}, {2 * n, 1, "", 1}, {n, 1, "3", 0}, {n - 1, 1, "", 0},
	} {
		t.Setenv("GOMAXPROCS", c.env)
		undo := spare(config{slots: c.slots, threads: c.threads})
		if got := runtime.GOMAXPROCS(0); got != n+c.more {
			t.Errorf("%+v: %d, want %d", c, got, n+c.more)
		}
		undo()
	}
	if got := runtime.GOMAXPROCS(0); got != n {
		t.Errorf("afterwards it is %d, want %d again", got, n)
	}
}
