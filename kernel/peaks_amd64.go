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
	at256 = peakOf(func() int { return asm2.Peak(peaksRounds) }, peaksWhole/3)
	at512 = peakOf(func() int { return asm512.Peak(peaksRounds) }, peaksWhole*2/3)
	return at256, at512
}
