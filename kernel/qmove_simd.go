//go:build (amd64 || arm64) && !purego

package kernel

// The units take 32 pixels at a time, or 16. Calls are cut as [piece] says.

// piece is one call's part of an operation on pixels: n pixels from p0 on, of planes
// [c0, c1).
type piece struct{ c0, c1, p0, n int }

// pieceBytes bounds a call in pixels: a quarter of a millisecond at a pixel a nanosecond.
// It is a multiple of 32.
const pieceBytes = 1 << 18

// next returns the piece that follows s, where there are c planes of n pixels; it is
// false after the last one. The zero value begins.
func (s piece) next(c, n int) (piece, bool) {
	if p := s.p0 + s.n; p < n && s.n > 0 { // more of the same plane
		return piece{s.c0, s.c1, p, min(pieceBytes, n-p)}, true
	}
	if s.c1 == c || n == 0 {
		return s, false
	}
	if n > pieceBytes {
		return piece{s.c1, s.c1 + 1, 0, pieceBytes}, true
	}
	return piece{s.c1, min(c, s.c1+pieceBytes/n), 0, n}, true
}

func simdQScale(s *QScale) {
	q := s.words()
	for p, ok := (piece{}).next(s.C, s.N); ok; p, ok = p.next(s.C, s.N) {
		unitQScale(&s.Mem[p.p0], &s.Src[p.c0], &s.Dst[p.c0], &s.Zeros[p.c0], &s.Mult[p.c0], p.c1-p.c0, p.n, &q[0])
	}
}

func simdQAdd(a *QAdd) {
	q := a.words()
	for p, ok := (piece{}).next(a.Ch, a.N); ok; p, ok = p.next(a.Ch, a.N) {
		unitQAdd(&a.Mem[p.p0], &a.A[p.c0], &a.B[p.c0], &a.C[p.c0], &a.AZero[p.c0], &a.BZero[p.c0], &a.AMult[p.c0], &a.BMult[p.c0],
			p.c1-p.c0, p.n, &q[0])
	}
}

// simdQuantize leaves what is no multiple of 32 to the reference, since the unit would
// read behind the plane.
func simdQuantize(z *Quantize) {
	q, r, whole := z.words(), z.clamper(), z.N&^31
	bounds := [2]float32{r.lo, r.hi}
	for p, ok := (piece{}).next(z.C, whole); ok; p, ok = p.next(z.C, whole) {
		unitQuantize(&z.From[p.p0], &z.Mem[p.p0], &z.Src[p.c0], &z.Dst[p.c0], &z.Mult[p.c0], p.c1-p.c0, p.n, &bounds[0], &q[0])
	}
	if whole < z.N {
		z.pixels(whole)
	}
}

// simdDequantize leaves what is no multiple of 32 to the reference, since the unit would
// write behind the plane.
func simdDequantize(d *Dequantize) {
	whole := d.N &^ 31
	for p, ok := (piece{}).next(d.C, whole); ok; p, ok = p.next(d.C, whole) {
		unitDequantize(&d.Mem[p.p0], &d.To[p.p0], &d.Src[p.c0], &d.Dst[p.c0], &d.Zeros[p.c0], &d.Mult[p.c0], p.c1-p.c0, p.n)
	}
	if whole < d.N {
		d.pixels(whole)
	}
}

// quantizedPlanes gives s what every set with units has for quantized planes, but for
// what multiplies them by weights.
func quantizedPlanes(s *Set) {
	s.qmaxPool = own(simdQMaxPool, simdQMaxPoolUnit)
	s.qmaxPool.work = simdQMaxPoolWork
	s.qmean = own(simdQMean, always[QMean]("qmean_"+qunitSet))
	s.qadd = own(simdQAdd, always[QAdd]("qadd_"+qunitSet))
	s.qscale = own(simdQScale, always[QScale]("qscale_"+qunitSet))
	s.quantize = own(simdQuantize, always[Quantize]("quantize_"+qunitSet))
	s.dequantize = own(simdDequantize, always[Dequantize]("dequantize_"+qunitSet))
	s.phasesBytes = own(simdPhasesBytes, simdPhasesBytesUnit)
}
