package cputime

import (
	"runtime"
	"testing"
	"time"
)

// Work counts, on whichever thread; waiting does not.
func TestOf(t *testing.T) {
	worked := Of(func() {
		done := make(chan bool)
		go func() {
			for begin := Used(); Used()-begin < 50*time.Millisecond; {
			}
			done <- true
		}()
		<-done
	})
	if worked < 50*time.Millisecond {
		t.Errorf("50 ms of work: got %v", worked)
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("the clock is all there is")
	}
	if waited := Of(func() { time.Sleep(200 * time.Millisecond) }); waited > 100*time.Millisecond {
		t.Errorf("200 ms of sleep: got %v of processor time", waited)
	}
}

// A slower core may take longer, a faster one not less long.
func TestBound(t *testing.T) {
	old := loop
	defer func() { loop = old }()
	for took, want := range map[time.Duration]time.Duration{20 * time.Millisecond: time.Second, 40 * time.Millisecond: time.Second, 120 * time.Millisecond: 3 * time.Second} {
		loop = func() time.Duration { return took }
		if got := Bound(time.Second); got != want {
			t.Errorf("a loop of %v: got %v, want %v", took, got, want)
		}
	}
	if got := old(); got <= 0 || got > time.Minute {
		t.Errorf("the loop took %v", got)
	}
}
