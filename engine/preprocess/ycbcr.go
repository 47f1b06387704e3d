package preprocess

import "image"

// JFIF's conversion in the 16-bit fixed point that libjpeg uses:
// R = Y + 1.402 (Cr-128), G = Y - 0.344136 (Cb-128) - 0.714136 (Cr-128), B = Y + 1.772 (Cb-128).
var crR, cbB, crG, cbG [256]int32

func init() {
	const half = 1 << 15
	for i := range int32(256) {
		x := i - 128
		crR[i] = (91881*x + half) >> 16
		cbB[i] = (116130*x + half) >> 16
		crG[i] = -46802 * x
		cbG[i] = -22554*x + half
	}
}

func clamp8(v int32) uint8 {
	if uint32(v) > 255 {
		// All ones for a negative v, so 0; all zeros for a large one, so 255.
		return ^uint8(v >> 31)
	}
	return uint8(v)
}

func (s *source) checkYCbCr(m *image.YCbCr) error {
	if err := s.check("Y", len(m.Y), m.YStride, s.w); err != nil {
		return err
	}
	cw, ch := chromaSize(m)
	if err := checkPlane("Cb", len(m.Cb), m.CStride, cw, ch); err != nil {
		return err
	}
	if err := checkPlane("Cr", len(m.Cr), m.CStride, cw, ch); err != nil {
		return err
	}
	if cap(s.cb) < s.w {
		s.cb, s.cr = make([]byte, s.w), make([]byte, s.w)
	}
	return nil
}

// ratio returns how many pixels one chroma sample covers.
func ratio(r image.YCbCrSubsampleRatio) (h, v int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// chromaSize is the part of the chroma planes that m's rectangle covers.
func chromaSize(m *image.YCbCr) (w, h int) {
	rh, rv := ratio(m.SubsampleRatio)
	return (m.Rect.Max.X+rh-1)/rh - m.Rect.Min.X/rh, (m.Rect.Max.Y+rv-1)/rv - m.Rect.Min.Y/rv
}

// rowYCbCr converts one row. Chroma that is subsampled by two is interpolated
// linearly between sample centres (weights 3/4 and 1/4 along each axis), as
// libjpeg does by default; samples outside the picture repeat the edge.
func (s *source) rowYCbCr(dst []byte, m *image.YCbCr, y, x0, x1 int) {
	luma := m.Y[y*m.YStride+x0 : y*m.YStride+x1]
	n := x1 - x0
	rh, rv := ratio(m.SubsampleRatio)
	cw, ch := chromaSize(m)
	// Positions on the chroma grid: pixel (x, y) of the picture is (ax+x, ay+y)
	// of a grid whose origin is a sample's.
	ax, ay := m.Rect.Min.X%rh, m.Rect.Min.Y%rv
	near := (ay + y) / rv
	far := near
	if rv == 2 && rh <= 2 {
		// The other sample row that this pixel row lies towards.
		if (ay+y)&1 == 0 {
			far = max(near-1, 0)
		} else {
			far = min(near+1, ch-1)
		}
	}
	cb, cr := s.cb[:n], s.cr[:n]
	for i, plane := range [2][]byte{m.Cb, m.Cr} {
		p := plane[near*m.CStride:][:cw]
		q := plane[far*m.CStride:][:cw]
		out := cb
		if i == 1 {
			out = cr
		}
		switch {
		case rh == 1 && rv == 1:
			copy(out, p[x0:x1])
		case rh == 1:
			upsampleV(out, p[x0:x1], q[x0:x1], (ay+y)&1)
		case rh == 2 && cw > 2 && rv == 1:
			upsampleH(out, p, ax+x0)
		case rh == 2 && cw > 2:
			upsampleHV(out, p, q, ax+x0)
		default:
			// Rarer ratios, and pictures of four pixels or fewer: libjpeg repeats.
			for x := range out {
				out[x] = p[(ax+x0+x)/rh]
			}
		}
	}
	for i, yy := range luma {
		u, v, l := cb[i], cr[i], int32(yy)
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0] = clamp8(l + crR[v])
		d[1] = clamp8(l + (cbG[u]+crG[v])>>16)
		d[2] = clamp8(l + cbB[u])
	}
}

// upsampleV interpolates between rows; odd says which half of the sample's
// height this row is.
func upsampleV(out, near, far []byte, odd int) {
	bias := int32(1 + odd)
	for i := range out {
		out[i] = uint8((3*int32(near[i]) + int32(far[i]) + bias) >> 2)
	}
}

// upsampleH interpolates along a row, out[0] being grid position x.
func upsampleH(out, p []byte, x int) {
	last := len(p) - 1
	for i := range out {
		c := x >> 1
		if x&1 == 0 {
			out[i] = uint8((3*int32(p[c]) + int32(p[max(c-1, 0)]) + 1) >> 2)
		} else {
			out[i] = uint8((3*int32(p[c]) + int32(p[min(c+1, last)]) + 2) >> 2)
		}
		x++
	}
}

// upsampleHV interpolates along both axes, rounding once.
func upsampleHV(out, near, far []byte, x int) {
	last := len(near) - 1
	far = far[:len(near)]
	i := 0
	if x&1 == 1 && len(out) > 0 {
		c := x >> 1
		d := min(c+1, last)
		out[0] = uint8((3*(3*int32(near[c])+int32(far[c])) + 3*int32(near[d]) + int32(far[d]) + 7) >> 4)
		i, x = 1, x+1
	}
	c := x >> 1
	if i >= len(out) {
		return
	}
	b := max(c-1, 0)
	left := 3*int32(near[b]) + int32(far[b])
	mid := 3*int32(near[c]) + int32(far[c])
	for ; i < len(out); i += 2 {
		d := min(c+1, last)
		right := 3*int32(near[d]) + int32(far[d])
		out[i] = uint8((3*mid + left + 8) >> 4)
		if i+1 < len(out) {
			out[i+1] = uint8((3*mid + right + 7) >> 4)
		}
		left, mid, c = mid, right, c+1
	}
}
