package preprocess

import (
	"context"
	"image"
	"image/color"
	"reflect"
)

// source reads any image.Image row by row as 8-bit RGB. It is reused from
// picture to picture so that its scratch is allocated once.
type source struct {
	w, h int
	img  image.Image

	// Pictures of one plane: bytes a pixel, and what turns a run of pixels to RGB.
	pix     []byte
	stride  int
	unit    int
	convert func(s *source, dst, p []byte)

	palette [256][3]byte
	cb, cr  []byte // one row of chroma
	video   *colours

	reducer
}

// open takes img after checking that its buffers hold what its size says, so
// that a hand-made image is an error and not a panic. close lets go of it.
func (s *source) open(img image.Image) error {
	if img == nil {
		return errf(ErrImage, "got nil")
	}
	if v := reflect.ValueOf(img); v.Kind() == reflect.Pointer && v.IsNil() {
		return errf(ErrImage, "got a nil %T", img)
	}
	s.close()
	s.img = img
	if u, ok := img.(*image.Uniform); ok {
		return s.openUniform(u)
	}
	b := img.Bounds()
	s.w, s.h = b.Dx(), b.Dy()
	if s.w <= 0 || s.h <= 0 {
		return errf(ErrImage, "got %d x %d pixels, want at least 1 x 1", s.w, s.h)
	}
	switch m := img.(type) {
	case *image.NRGBA:
		return s.plane(m.Pix, m.Stride, 4, (*source).fromNRGBA)
	case *image.RGBA:
		return s.plane(m.Pix, m.Stride, 4, (*source).fromRGBA)
	case *image.NRGBA64:
		return s.plane(m.Pix, m.Stride, 8, (*source).fromNRGBA64)
	case *image.RGBA64:
		return s.plane(m.Pix, m.Stride, 8, (*source).fromRGBA64)
	case *image.CMYK:
		return s.plane(m.Pix, m.Stride, 4, (*source).fromCMYK)
	case *image.Gray:
		return s.plane(m.Pix, m.Stride, 1, (*source).fromGray)
	case *image.Gray16:
		return s.plane(m.Pix, m.Stride, 2, (*source).fromGray16)
	case *image.Paletted:
		s.setPalette(m.Palette)
		return s.plane(m.Pix, m.Stride, 1, (*source).fromPaletted)
	case *image.YCbCr:
		return s.checkYCbCr(m)
	case *image.NYCbCrA:
		return s.checkYCbCr(&m.YCbCr)
	case *Frame:
		return s.openFrame(m)
	}
	return nil
}

// close drops the picture, so that a Preprocessor at rest keeps none alive.
func (s *source) close() { s.img, s.pix, s.convert, s.video = nil, nil, nil, nil }

// grey reports whether red, green and blue are equal in every pixel.
func (s *source) grey() bool {
	switch m := s.img.(type) {
	case *image.Gray, *image.Gray16:
		return true
	case *Frame:
		return m.Layout == Gray
	}
	return false
}

// openUniform reads a colour without bounds as one pixel.
func (s *source) openUniform(u *image.Uniform) error {
	s.w, s.h = 1, 1
	s.palette[0] = rgb8(u.C)
	return s.plane([]byte{0}, 1, 1, (*source).fromPaletted)
}

// plane takes a picture whose pixels are unit bytes each, in rows stride apart.
func (s *source) plane(pix []byte, stride, unit int, convert func(s *source, dst, p []byte)) error {
	s.pix, s.stride, s.unit, s.convert = pix, stride, unit, convert
	return checkPlane("Pix", len(pix), stride, unit*s.w, s.h)
}

// checkPlane reports a plane that is too short for rows of n bytes.
func checkPlane(what string, length, stride, n, rows int) error {
	if stride < n {
		return errf(ErrImage, "%s: got stride %d, want at least %d", what, stride, n)
	}
	// rows and stride are bounded by length once this division holds.
	if length < n || (length-n)/stride < rows-1 {
		return errf(ErrImage, "%s: got %d bytes, want %d rows of %d at stride %d", what, length, rows, n, stride)
	}
	return nil
}

// setPalette looks the colours up once. Indices past the palette's end are black.
func (s *source) setPalette(p color.Palette) {
	clear(s.palette[:])
	for i, c := range p[:min(len(p), 256)] {
		s.palette[i] = rgb8(c)
	}
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
