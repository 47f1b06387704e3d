package kernel

import (
	"runtime"
	"time"
)

// PeakGFLOPS measures how many 10^9 float32 additions and multiplications a
// second one core can do with this set's instructions and nothing in the way:
// independent multiply-add chains in registers, no memory. It takes about d,
// and returns the best of many short runs, so that interruptions do not count.
func (s *Set) PeakGFLOPS(d time.Duration) float64 { return peakOf(s.peak, d) }

// PeakInt8GMACS is PeakGFLOPS for the quantized kernels: how many 10^9 products of an
// int8 and a uint8 a second one core can add to sums of int32, with the instructions
// that this set's QGEMM takes. A product and its addition are one.
func (s *Set) PeakInt8GMACS(d time.Duration) float64 { return peakOf(s.qpeak, d) }

// peakOf returns the most operations a nanosecond of calls of run, of which it makes at
// least one, and no more after d.
func peakOf(run func() (operations int), d time.Duration) float64 {
	best := 0.0
	for begin := time.Now(); ; {
		t := time.Now()
		operations := run()
		now := time.Now()
		best = max(best, float64(operations)/float64(max(1, now.Sub(t).Nanoseconds())))
		if now.Sub(begin) >= d {
			return best
		}
	}
}

// refPeak has eight chains, enough for the two scalar units of any core.
func refPeak() (flops int) {
	const rounds = 1 << 14
	var a, b, c, d, e, f, g, h float32
	x, y := float32(0.5), float32(1)
	for range rounds {
		a = float32(a*x) + y
		b = float32(b*x) + y
		c = float32(c*x) + y
		d = float32(d*x) + y
		e = float32(e*x) + y
		f = float32(f*x) + y
		g = float32(g*x) + y
		h = float32(h*x) + y
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h)
	return rounds * 8 * 2
}

// refQPeak is refPeak in integers.
func refQPeak() (macs int) {
	const rounds = 1 << 14
	var a, b, c, d, e, f, g, h int32
	x, y := int32(3), int32(5)
	for range rounds {
		a += x * y
		b += x * a
		c += y * b
		d += x * c
		e += y * d
		f += x * e
		g += y * f
		h += x * g
	}
	runtime.KeepAlive(a + b + c + d + e + f + g + h)
	return rounds * 8
}
