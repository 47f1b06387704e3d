package preprocess

import (
	"image"
	"image/color"
	"reflect"
)

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

// openUniform reads a colour without bounds as one pixel.
func (s *source) openUniform(u *image.Uniform) error {
	s.w, s.h = 1, 1
	s.palette[0] = rgb8(u.C)
	return s.plane([]byte{0}, 1, 1, (*source).fromPaletted)
}

// setPalette looks the colours up once. Indices past the palette's end are black.
func (s *source) setPalette(p color.Palette) {
	clear(s.palette[:])
	for i, c := range p[:min(len(p), 256)] {
		s.palette[i] = rgb8(c)
	}
}
