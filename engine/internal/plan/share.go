package plan

// MaxParts bounds the parts of a step: one picture does not feed more threads.
const MaxParts = 32

// Share is part Index of Of parts of a step, 0 <= Index < Of. {0, 1} is all of it.
type Share struct{ Index, Of int }

// Whole is a step that nobody shares.
var Whole = Share{0, 1}

// Span is the share's half-open range of n items, cut at multiples of align. It
// may be empty.
func (s Share) Span(n, align int) (lo, hi int) {
	blocks := (n + align - 1) / align
	lo = blocks * s.Index / s.Of * align
	hi = blocks * (s.Index + 1) / s.Of * align
	return min(lo, n), min(hi, n)
}

// Imbalance is the largest part's share of n items, cut at multiples of align,
// times the number of parts: 1 is perfect.
func Imbalance(n, align, parts int) float64 {
	most := 0
	for i := range parts {
		lo, hi := Share{i, parts}.Span(n, align)
		most = max(most, hi-lo)
	}
	return float64(most*parts) / float64(n)
}

// Work is counted in multiply-adds of a GEMM: what else a step does, in the time that
// one of them takes.
const (
	// MoveWork is the work of reading and writing one element.
	MoveWork = 8

	// tapWork is the work of one tap of a depthwise or pooling window, and
	// referenceWork where a vector set leaves a call to the Go reference.
	tapWork       = 2
	referenceWork = 48

	// partWork times the square of a number of parts is the least work that is
	// worth so many. It is half a microsecond for each of two parts, and more for
	// each of many, since every thread looks at every other's flag.
	partWork = 7_500
)

// PartsFor returns how many parts to cut a step of the given work into.
func PartsFor(threads int, work int64) int {
	parts := 1
	for parts < min(threads, MaxParts) && work >= int64(partWork*(parts+1)*(parts+1)) {
		parts++
	}
	return parts
}
