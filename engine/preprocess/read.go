package preprocess

import (
	"context"
	"image"
)

// reader gives pixels x0 to x1 of row y as RGB, 3 bytes each.
type reader interface {
	row(ctx context.Context, dst []byte, y, x0, x1 int) error
}

// row writes pixels x0 to x1 of row y to dst as 3*(x1-x0) bytes, RGB. x and y
// count from 0 whatever the image's bounds. ctx is looked at where a pixel may
// take long.
func (s *source) row(ctx context.Context, dst []byte, y, x0, x1 int) error {
	dst = dst[:3*(x1-x0)]
	if s.convert != nil {
		s.convert(s, dst, s.pix[y*s.stride+s.unit*x0:y*s.stride+s.unit*x1])
		return nil
	}
	switch m := s.img.(type) {
	case *image.YCbCr:
		s.rowYCbCr(dst, m, y, x0, x1)
	case *image.NYCbCrA:
		s.rowYCbCr(dst, &m.YCbCr, y, x0, x1)
	case *Frame:
		s.rowFrame(dst, m, y, x0, x1)
	case image.RGBA64Image:
		return rowOf64(ctx, dst, m, y, x0, x1)
	default:
		return rowOfAny(ctx, dst, m, y, x0, x1)
	}
	return nil
}

// rows is row for n rows from y on, in dst one after the other.
func (s *source) rows(ctx context.Context, dst []byte, y, n, x0, x1 int) error {
	if whole := s.unit * s.w; s.convert != nil && x1-x0 == s.w && s.stride == whole {
		s.convert(s, dst[:3*s.w*n], s.pix[y*whole:(y+n)*whole])
		return nil
	}
	for i := range n {
		if err := s.row(ctx, dst[3*i*(x1-x0):], y+i, x0, x1); err != nil {
			return err
		}
	}
	return nil
}
