package engine

// A step's work is cut into parts when it is planned. The cut changes who
// computes an output, never how: the same bits for any number of threads.

const (
	// partWork times the square of a number of parts is the least work, in
	// multiply-adds of a GEMM, that is worth so many: half a microsecond for each of
	// two, and more for each of many, since every thread looks at every other's flag.
	partWork = 7_500
	// moveWork is what reading and writing one element costs in that unit, and
	// tapWork what a tap of a window does.
	moveWork = 8
	tapWork  = 2
)

// partsFor returns how many parts to cut a step of the given work into.
func partsFor(threads, work int) int {
	parts := 1
	for parts < min(threads, maxParts) && work >= partWork*(parts+1)*(parts+1) {
		parts++
	}
	return parts
}

// span is the half-open range of n items, in multiples of align, that part of
// parts has.
func span(n, align, part, parts int) (lo, hi int) {
	blocks := (n + align - 1) / align
	lo = blocks * part / parts * align
	hi = blocks * (part + 1) / parts * align
	return min(lo, n), min(hi, n)
}

// imbalance is the largest part's share of the work, times the number of
// parts: 1 is perfect.
func imbalance(n, align, parts int) float64 {
	most := 0
	for i := range parts {
		lo, hi := span(n, align, i, parts)
		most = max(most, hi-lo)
	}
	return float64(most*parts) / float64(n)
}
