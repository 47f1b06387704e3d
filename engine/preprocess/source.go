package preprocess

import (
	"image"
	"image/color"
)

// source reads any image.Image row by row as 8-bit RGB. It is reused from
// picture to picture so that its scratch is allocated once.
type source struct {
	w, h int
	img  image.Image

	palette [256][3]byte

	cb, cr []byte // one row of interpolated chroma
}

// open takes img after checking that its buffers hold what its size says, so
// that a hand-made image is an error and not a panic. close lets go of it.
func (s *source) open(img image.Image) error {
	if img == nil {
		return errf(ErrImage, "got nil")
	}
	b := img.Bounds()
	s.w, s.h, s.img = b.Dx(), b.Dy(), img
	if s.w <= 0 || s.h <= 0 {
		return errf(ErrImage, "got %d x %d pixels, want at least 1 x 1", s.w, s.h)
	}
	switch m := img.(type) {
	case *image.NRGBA:
		return s.check("Pix", len(m.Pix), m.Stride, 4*s.w)
	case *image.RGBA:
		return s.check("Pix", len(m.Pix), m.Stride, 4*s.w)
	case *image.NRGBA64:
		return s.check("Pix", len(m.Pix), m.Stride, 8*s.w)
	case *image.RGBA64:
		return s.check("Pix", len(m.Pix), m.Stride, 8*s.w)
	case *image.CMYK:
		return s.check("Pix", len(m.Pix), m.Stride, 4*s.w)
	case *image.Gray:
		return s.check("Pix", len(m.Pix), m.Stride, s.w)
	case *image.Gray16:
		return s.check("Pix", len(m.Pix), m.Stride, 2*s.w)
	case *image.Paletted:
		s.setPalette(m.Palette)
		return s.check("Pix", len(m.Pix), m.Stride, s.w)
	case *image.YCbCr:
		return s.checkYCbCr(m)
	case *image.NYCbCrA:
		return s.checkYCbCr(&m.YCbCr)
	}
	return nil
}

// close drops the picture, so that a Preprocessor at rest keeps none alive.
func (s *source) close() { s.img = nil }

// check reports a plane that is too short for s.h rows of n bytes.
func (s *source) check(what string, length, stride, n int) error {
	return checkPlane(what, length, stride, n, s.h)
}

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

// rgb8 is any colour as 8-bit RGB with the alpha dropped.
func rgb8(c color.Color) [3]byte {
	switch c := c.(type) { // the usual ones, without the model's allocation
	case nil:
		return [3]byte{}
	case color.NRGBA:
		return [3]byte{c.R, c.G, c.B}
	case color.RGBA:
		if c.A == 255 {
			return [3]byte{c.R, c.G, c.B}
		}
	case color.Gray:
		return [3]byte{c.Y, c.Y, c.Y}
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return [3]byte{n.R, n.G, n.B}
}

// row writes pixels x0 to x1 of row y to dst as 3*(x1-x0) bytes, RGB. x and y
// count from 0 whatever the image's bounds.
func (s *source) row(dst []byte, y, x0, x1 int) {
	dst = dst[:3*(x1-x0)]
	switch m := s.img.(type) {
	case *image.YCbCr:
		s.rowYCbCr(dst, m, y, x0, x1)
	case *image.NYCbCrA:
		s.rowYCbCr(dst, &m.YCbCr, y, x0, x1)
	case *image.NRGBA:
		p := m.Pix[y*m.Stride+4*x0 : y*m.Stride+4*x1]
		for len(p) >= 4 && len(dst) >= 3 {
			dst[0], dst[1], dst[2] = p[0], p[1], p[2]
			p, dst = p[4:], dst[3:]
		}
	case *image.RGBA:
		rowRGBA(dst, m.Pix[y*m.Stride+4*x0:y*m.Stride+4*x1])
	case *image.Gray:
		for i, v := range m.Pix[y*m.Stride+x0 : y*m.Stride+x1] {
			d := dst[3*i : 3*i+3 : 3*i+3]
			d[0], d[1], d[2] = v, v, v
		}
	case *image.Gray16:
		p := m.Pix[y*m.Stride+2*x0 : y*m.Stride+2*x1]
		for i := 0; i < len(p)/2; i++ {
			v := p[2*i]
			d := dst[3*i : 3*i+3 : 3*i+3]
			d[0], d[1], d[2] = v, v, v
		}
	case *image.Paletted:
		for i, v := range m.Pix[y*m.Stride+x0 : y*m.Stride+x1] {
			copy(dst[3*i:3*i+3], s.palette[v][:])
		}
	case *image.NRGBA64:
		p := m.Pix[y*m.Stride+8*x0 : y*m.Stride+8*x1]
		for i := 0; i < len(p)/8; i++ {
			dst[3*i], dst[3*i+1], dst[3*i+2] = p[8*i], p[8*i+2], p[8*i+4]
		}
	case *image.RGBA64:
		rowRGBA64(dst, m.Pix[y*m.Stride+8*x0:y*m.Stride+8*x1])
	case *image.CMYK:
		rowCMYK(dst, m.Pix[y*m.Stride+4*x0:y*m.Stride+4*x1])
	default:
		b := s.img.Bounds()
		for x := x0; x < x1; x++ {
			c := rgb8(s.img.At(b.Min.X+x, b.Min.Y+y))
			copy(dst[3*(x-x0):3*(x-x0)+3], c[:])
		}
	}
}

// rowRGBA divides premultiplied colours by their alpha. Where alpha is 0 the
// colour is lost; it is black.
func rowRGBA(dst, p []byte) {
	for len(p) >= 4 && len(dst) >= 3 {
		switch a := uint32(p[3]); a {
		case 255:
			dst[0], dst[1], dst[2] = p[0], p[1], p[2]
		case 0:
			dst[0], dst[1], dst[2] = 0, 0, 0
		default:
			for c := range 3 {
				dst[c] = uint8(min(255, (uint32(p[c])*255+a/2)/a))
			}
		}
		p, dst = p[4:], dst[3:]
	}
}

func rowRGBA64(dst, p []byte) {
	for len(p) >= 8 && len(dst) >= 3 {
		a := uint32(p[6])<<8 | uint32(p[7])
		switch a {
		case 0xFFFF:
			dst[0], dst[1], dst[2] = p[0], p[2], p[4]
		case 0:
			dst[0], dst[1], dst[2] = 0, 0, 0
		default:
			for c := range 3 {
				v := uint64(p[2*c])<<8 | uint64(p[2*c+1])
				dst[c] = uint8(min(0xFFFF, v*0xFFFF/uint64(a)) >> 8)
			}
		}
		p, dst = p[8:], dst[3:]
	}
}

func rowCMYK(dst, p []byte) {
	for len(p) >= 4 && len(dst) >= 3 {
		w := 255 - uint32(p[3])
		for c := range 3 {
			// Pillow's w - C*w/255, the division rounded.
			t := uint32(p[c])*w + 128
			dst[c] = uint8(w - (t+t>>8)>>8)
		}
		p, dst = p[4:], dst[3:]
	}
}
