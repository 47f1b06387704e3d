// Package cputime is for tests that bound what something takes. They count the processor's
// time, not the clock's: while other programs keep the machine busy the clock runs on, and
// what the code under test computes stays nearly the same.
package cputime

import (
	"sync"
	"time"
)

// Of is what f takes of the processors: the time of the whole process meanwhile, garbage
// collection and other goroutines included.
func Of(f func()) time.Duration {
	begin := Used()
	f()
	return Used() - begin
}

// Bound is d on a core as fast as a Zen 4 of 2022 or faster, and in proportion more on a
// slower one, an emulated one too, as a loop of arithmetic tells.
func Bound(d time.Duration) time.Duration {
	const reference = 40 * time.Millisecond // what the loop takes there
	return max(d, time.Duration(float64(d)*float64(loop())/float64(reference)))
}

// loop is the time of twenty million steps of an xorshift generator, the best of three.
var loop = sync.OnceValue(func() time.Duration {
	best := time.Hour
	for range 3 {
		x := uint64(88172645463325252)
		best = min(best, Of(func() {
			for range 20_000_000 {
				x ^= x << 13
				x ^= x >> 7
				x ^= x << 17
			}
		}))
		if x == 0 {
			panic("an xorshift generator never gives 0")
		}
	}
	return best
})
