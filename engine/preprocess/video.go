package preprocess

import (
	"sync"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/ycc"
)

// colours converts luma and chroma to red, green and blue in 16-bit fixed point: a
// table for each term of
//
//	R = y + v Cr    G = y - u' Cb - v' Cr    B = y + u Cb
type colours struct{ y, crR, crG, cbG, cbB [256]int32 }

// coloursOf returns the tables of a matrix and range; they are made once.
func coloursOf(m Matrix, video bool) *colours {
	i := 2 * int(m)
	if video {
		i++
	}
	return tables[i]()
}

var tables = [...]func() *colours{
	sync.OnceValue(func() *colours { return newColours(0.299, 0.114, false) }),
	sync.OnceValue(func() *colours { return newColours(0.299, 0.114, true) }),
	sync.OnceValue(func() *colours { return newColours(0.2126, 0.0722, false) }),
	sync.OnceValue(func() *colours { return newColours(0.2126, 0.0722, true) }),
}

// newColours derives the tables from what red and blue weigh in luma: kr and kb of
// ITU-R BT.601 and BT.709. Green weighs the rest.
func newColours(kr, kb float64, video bool) *colours {
	c := new(colours)
	black, lumaRange, chromaRange := 0.0, 255.0, 255.0
	if video {
		black, lumaRange, chromaRange = 16, 219, 224
	}
	kg := 1 - kr - kb
	for i := range 256 {
		luma := (float64(i) - black) * 255 / lumaRange
		chroma := (float64(i) - 128) * 255 / chromaRange
		c.y[i] = fixed(luma) + 1<<15 // rounds the sum
		c.crR[i] = fixed(2 * (1 - kr) * chroma)
		c.cbB[i] = fixed(2 * (1 - kb) * chroma)
		c.crG[i] = fixed(-2 * (1 - kr) * kr / kg * chroma)
		c.cbG[i] = fixed(-2 * (1 - kb) * kb / kg * chroma)
	}
	return c
}

// fixed rounds v to 16 bits of fraction.
func fixed(v float64) int32 {
	v *= 1 << 16
	if v < 0 {
		return int32(v - 0.5)
	}
	return int32(v + 0.5)
}

// put converts one pixel.
func (c *colours) put(d []byte, y, cb, cr byte) {
	_ = d[2]
	l := c.y[y]
	d[0] = ycc.Clamp8((l + c.crR[cr]) >> 16)
	d[1] = ycc.Clamp8((l + c.crG[cr] + c.cbG[cb]) >> 16)
	d[2] = ycc.Clamp8((l + c.cbB[cb]) >> 16)
}

// rowFrame converts pixels x0 to x1 of a row with luma and chroma. Chroma is
// repeated, not interpolated, as OpenCV and libyuv do.
func (s *source) rowFrame(dst []byte, f *Frame, y, x0, x1 int) {
	c := s.video
	luma := f.at(0, y)
	switch f.Layout {
	case YUYV:
		for x := x0; x < x1; x++ {
			p := luma[4*(x/2):][:4]
			c.put(dst[3*(x-x0):], p[2*(x&1)], p[1], p[3])
		}
	case NV12, NV21:
		pairs := f.at(1, y/2)
		first := 0
		if f.Layout == NV21 {
			first = 1
		}
		for x := x0; x < x1; x++ {
			p := pairs[x&^1:][:2]
			c.put(dst[3*(x-x0):], luma[x], p[first], p[1-first])
		}
	case I420:
		cb, cr := f.at(1, y/2), f.at(2, y/2)
		for x := x0; x < x1; x++ {
			c.put(dst[3*(x-x0):], luma[x], cb[x/2], cr[x/2])
		}
	}
}
