//go:build (amd64 || arm64) && !purego

package kernel

// An assembly function cannot be preempted: whoever stops the world waits for it.
// So a driver cuts its work into calls of at most about a quarter of a millisecond.
const (
	// callWork bounds a call in multiply-adds that run from cache: a quarter of a
	// millisecond at 50 GFLOP/s.
	callWork = 6 << 20
	// callVectors bounds a call that is bound by memory in vectors of 8 outputs: a
	// quarter of a millisecond at 20 cycles each, which only a plane far outside the
	// cache costs.
	callVectors = 1 << 15
)

// share is one call's part of a windowed operation: strips [s0, s1) of planes
// [c0, c1).
type share struct{ c0, c1, s0, s1 int }

// next returns the share that follows s, where there are c planes of all strips,
// each of oh rows; it is false after the last share. The zero value begins.
func (s share) next(c, oh, all int) (share, bool) {
	if s.s1 == 0 || s.s1 == all { // go on with whole planes
		if s.c1 == c {
			return s, false
		}
		if planes := callVectors / (oh * all); planes > 0 {
			return share{s.c1, min(c, s.c1+planes), 0, all}, true
		}
		s = share{s.c1, s.c1 + 1, 0, 0}
	}
	step := max(1, callVectors/oh)
	return share{s.c0, s.c1, s.s1, min(all, s.s1+step)}, true
}

// span is one call's part of an operation on pixels: vecs vectors of 8 pixels,
// from pixel p0 on, of planes [c0, c1).
type span struct{ c0, c1, p0, vecs int }

// next returns the span that follows s, where there are c planes of n pixels; it
// is false after the last span. The zero value begins.
func (s span) next(c, n int) (span, bool) {
	all := roundUp8(n) / 8
	if p := s.p0/8 + s.vecs; p < all && s.vecs > 0 { // more of the same planes
		return span{s.c0, s.c1, 8 * p, min(callVectors, all-p)}, true
	}
	if s.c1 == c {
		return s, false
	}
	return span{s.c1, min(c, s.c1+max(1, callVectors/all)), 0, min(callVectors, all)}, true
}

// arguments is what a unit takes of an activation: its kind, and its bounds.
func (a Activation) arguments() (kind int, lo, hi float32) { return int(a.Kind), a.Lo, a.Hi }

// tailMask[8-n:] begins with n times -1: it keeps the first n of 8 lanes.
var tailMask = [16]int32{-1, -1, -1, -1, -1, -1, -1, -1}
