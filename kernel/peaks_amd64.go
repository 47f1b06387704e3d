//go:build !purego

package kernel

import (
	"time"

	asm2 "github.com/riffle-ml/riffle/asm/avx2"
	asm512 "github.com/riffle-ml/riffle/asm/avx512"
)

const (
	peaksRounds = 1 << 10                // of 28 multiply-adds: about 5 microseconds
	peaksWhole  = 900 * time.Microsecond // of which AVX2 has the first third
)

// peaks512 measures what one core does with 256 bits and with 512, the best of many
// short runs, in less than a millisecond unless the system interrupts it. 256 bits are
// first, for some cores slow down when 512 begin, and take a while to recover. 512 bits
// have the longer time, for those cores are slowest just after the change.
func peaks512() (at256, at512 float64) {
	begin := time.Now()
	for _, p := range []struct {
		best  *float64
		peak  func(rounds int) (flops int)
		until time.Duration
	}{{&at256, asm2.Peak, peaksWhole / 3}, {&at512, asm512.Peak, peaksWhole}} {
		for {
			t := time.Now()
			flops := p.peak(peaksRounds)
			now := time.Now()
			*p.best = max(*p.best, float64(flops)/float64(max(1, now.Sub(t).Nanoseconds())))
			if now.Sub(begin) >= p.until {
				break
			}
		}
	}
	return at256, at512
}
