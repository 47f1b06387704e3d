package preprocess

import (
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
)

func (s *source) checkYCbCr(m *image.YCbCr) error {
	if err := checkPlane("Y", len(m.Y), m.YStride, s.w, s.h); err != nil {
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
			ycc.V(out, p[x0:x1], q[x0:x1], (ay+y)&1)
		case rh == 2 && cw > 2 && rv == 1:
			ycc.H(out, p, ax+x0)
		case rh == 2 && cw > 2:
			ycc.HV(out, p, q, ax+x0)
		default:
			// Rarer ratios, and pictures of four pixels or fewer: libjpeg repeats.
			for x := range out {
				out[x] = p[(ax+x0+x)/rh]
			}
		}
	}
	ycc.Row(dst, luma, cb, cr)
}
