package preprocess

import (
	"context"
	"image"
	"image/color"
)

// What turns runs of pixels p into RGB, 3 bytes a pixel. dst has room for all of them.

func (s *source) fromNRGBA(dst, p []byte) {
	for len(p) >= 4 && len(dst) >= 3 {
		dst[0], dst[1], dst[2] = p[0], p[1], p[2]
		p, dst = p[4:], dst[3:]
	}
}

// fromRGBA divides premultiplied colours by their alpha. Where alpha is 0 the
// colour is lost; it is black.
func (s *source) fromRGBA(dst, p []byte) {
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

func (s *source) fromNRGBA64(dst, p []byte) {
	for len(p) >= 8 && len(dst) >= 3 {
		dst[0], dst[1], dst[2] = p[0], p[2], p[4]
		p, dst = p[8:], dst[3:]
	}
}

func (s *source) fromRGBA64(dst, p []byte) {
	for len(p) >= 8 && len(dst) >= 3 {
		straight(dst, uint32(p[0])<<8|uint32(p[1]), uint32(p[2])<<8|uint32(p[3]),
			uint32(p[4])<<8|uint32(p[5]), uint32(p[6])<<8|uint32(p[7]))
		p, dst = p[8:], dst[3:]
	}
}

// straight writes a premultiplied colour of 16 bits, divided by its alpha.
func straight(dst []byte, r, g, b, a uint32) {
	_ = dst[2]
	switch a {
	case 0xFFFF:
		dst[0], dst[1], dst[2] = uint8(r>>8), uint8(g>>8), uint8(b>>8)
	case 0:
		dst[0], dst[1], dst[2] = 0, 0, 0
	default:
		dst[0] = uint8(min(0xFFFF, uint64(r)*0xFFFF/uint64(a)) >> 8)
		dst[1] = uint8(min(0xFFFF, uint64(g)*0xFFFF/uint64(a)) >> 8)
		dst[2] = uint8(min(0xFFFF, uint64(b)*0xFFFF/uint64(a)) >> 8)
	}
}

func (s *source) fromGray(dst, p []byte) {
	for i, v := range p {
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0], d[1], d[2] = v, v, v
	}
}

func (s *source) fromGray16(dst, p []byte) {
	for i := 0; i < len(p)/2; i++ {
		v := p[2*i]
		d := dst[3*i : 3*i+3 : 3*i+3]
		d[0], d[1], d[2] = v, v, v
	}
}

func (s *source) fromPaletted(dst, p []byte) {
	for i, v := range p {
		d, c := dst[3*i:3*i+3:3*i+3], &s.palette[v]
		d[0], d[1], d[2] = c[0], c[1], c[2]
	}
}

func (s *source) fromCMYK(dst, p []byte) {
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

// glance is after how many pixels of a program's own picture the context is looked
// at: each pixel may take a microsecond.
const glance = 1 << 12

// rowOf64 reads a picture through RGBA64At, which allocates nothing.
func rowOf64(ctx context.Context, dst []byte, m image.RGBA64Image, y, x0, x1 int) error {
	b := m.Bounds()
	for x := x0; x < x1; x++ {
		if (x-x0)%glance == glance-1 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		c := m.RGBA64At(b.Min.X+x, b.Min.Y+y)
		straight(dst[3*(x-x0):], uint32(c.R), uint32(c.G), uint32(c.B), uint32(c.A))
	}
	return nil
}

// rowOfAny reads a picture through At.
func rowOfAny(ctx context.Context, dst []byte, m image.Image, y, x0, x1 int) error {
	b := m.Bounds()
	for x := x0; x < x1; x++ {
		if (x-x0)%glance == glance-1 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		c := rgb8(m.At(b.Min.X+x, b.Min.Y+y))
		copy(dst[3*(x-x0):3*(x-x0)+3], c[:])
	}
	return nil
}
