package machine

import (
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/kernel"
)

// Measure fills in what one core can do at best, measured in this process: the
// multiply-adds of each instruction set, of float32 and of bytes, and the rates of copying. It takes about
// half a second.
func Measure(m *report.Machine) {
	m.PeakGFLOPS, m.PeakInt8 = map[string]float64{}, map[string]float64{}
	for _, s := range kernel.Sets() {
		m.PeakGFLOPS[s.Name] = s.PeakGFLOPS(100 * time.Millisecond)
		m.PeakInt8[s.Name] = s.PeakInt8GMACS(50 * time.Millisecond)
	}
	m.MemoryGBs = copyRate(64 << 20)
	m.CacheGBs = copyRate(96 << 10)
}

// copyRate is how many 10^9 bytes a second one core reads and writes when it
// copies a block of size bytes: the best of many copies.
func copyRate(size int) float64 {
	src, dst := make([]byte, size), make([]byte, size)
	for i := range src {
		src[i] = byte(i)
	}
	inner := max(1, (4<<20)/size) // the clock must not matter
	best, begin := 0.0, time.Now()
	// The first copy takes the pages of dst from the system; it is slow.
	for i := 0; i < 4 || time.Since(begin) < 100*time.Millisecond; i++ {
		t := time.Now()
		for range inner {
			copy(dst, src)
		}
		best = max(best, float64(2*size*inner)/float64(time.Since(t).Nanoseconds()))
	}
	return best
}
