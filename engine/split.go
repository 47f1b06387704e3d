package engine

// A step's work is cut into parts when it is planned. The cut changes who
// computes an output, never how: the same bits for any number of threads.

const (
	// minPartWork is the least work, in multiply-adds of a GEMM, that is worth
	// handing to another thread: a microsecond or so, several times what a step
	// costs that does nothing.
	minPartWork = 60_000
	// moveWork is what reading and writing one element costs in that unit, and
	// tapWork what a tap of a window does.
	moveWork = 8
	tapWork  = 2
)

// partsFor returns how many parts to cut a step of the given work into.
func partsFor(threads, work int) int {
	return max(1, min(threads, work/minPartWork, maxParts))
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
