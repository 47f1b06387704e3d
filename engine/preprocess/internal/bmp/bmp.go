// Package bmp decodes Windows bitmaps: 1 to 32 bits a pixel, with palettes, bit
// masks and run-length coding, of every version of the header.
package bmp

import (
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"io"
)

// Header is what a file says before its pixels.
type Header struct {
	Width, Height int
	Bits          int // a pixel
	compression   uint32
	topDown       bool
	pixels        int // where they begin
	palette       color.Palette
	masks         [4]uint32 // red, green, blue, alpha
}

// Compressions.
const (
	plain     = 0
	runs8     = 1
	runs4     = 2
	bitMasks  = 3
	alphaMask = 6
)

// UnsupportedError says which kind of bitmap a file is that is not decoded.
type UnsupportedError string

func (e UnsupportedError) Error() string { return string(e) }

// Is reports whether b begins as a bitmap does: the two letters, and a header of one
// of the lengths that there are.
func Is(b []byte) bool {
	if len(b) < 18 || b[0] != 'B' || b[1] != 'M' {
		return false
	}
	switch binary.LittleEndian.Uint32(b[14:]) {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

// ReadHeader reads as far as the palette.
func ReadHeader(b []byte) (h *Header, err error) {
	if !Is(b) || len(b) < 26 {
		return nil, io.ErrUnexpectedEOF
	}
	le := binary.LittleEndian
	n := int(le.Uint32(b[14:]))
	if len(b) < 14+n {
		return nil, io.ErrUnexpectedEOF
	}
	h = &Header{pixels: int(le.Uint32(b[10:]))}
	colours, entry := 0, 4
	if n == 12 {
		h.Width, h.Height, h.Bits, entry = int(le.Uint16(b[18:])), int(le.Uint16(b[20:])), int(le.Uint16(b[24:])), 3
	} else {
		h.Width, h.Height = int(int32(le.Uint32(b[18:]))), int(int32(le.Uint32(b[22:])))
		if h.Height < 0 {
			h.Height, h.topDown = -h.Height, true
		}
		h.Bits = int(le.Uint16(b[28:]))
	}
	if n >= 40 {
		h.compression, colours = le.Uint32(b[30:]), int(le.Uint32(b[46:]))
	}
	if h.Width <= 0 || h.Height <= 0 {
		return nil, fmt.Errorf("got %d x %d pixels, want at least 1 x 1", h.Width, h.Height)
	}
	at, err := h.readMasks(b, n)
	if err != nil {
		return nil, err
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	if h.Bits <= 8 {
		if most := 1 << h.Bits; colours <= 0 || colours > most {
			colours = most
		}
		for ; colours > 0 && at+entry <= len(b) && at < max(h.pixels, at+1); colours-- {
			h.palette = append(h.palette, color.RGBA{b[at+2], b[at+1], b[at], 255})
			at += entry
		}
	}
	if h.pixels < 14+n || h.pixels > len(b) {
		return nil, fmt.Errorf("got pixels from byte %d of %d on", h.pixels, len(b))
	}
	if least := int64(h.stride()) * int64(h.Height); h.raw() && least > int64(len(b)-h.pixels) {
		return nil, io.ErrUnexpectedEOF
	}
	return h, nil
}

// readMasks finds where red, green and blue are in 16 and 32 bits.
func (h *Header) readMasks(b []byte, n int) (at int, err error) {
	le := binary.LittleEndian
	at = 14 + n
	switch {
	case h.compression == bitMasks || h.compression == alphaMask:
		from, count := 14+40, 3
		if n >= 56 || h.compression == alphaMask {
			count = 4
		}
		if n == 40 {
			at += 4 * count
		}
		if len(b) < from+4*count {
			return 0, io.ErrUnexpectedEOF
		}
		for i := range count {
			h.masks[i] = le.Uint32(b[from+4*i:])
		}
	case h.Bits == 16:
		h.masks = [4]uint32{0x7c00, 0x3e0, 0x1f}
	default:
		h.masks = [4]uint32{0xff0000, 0xff00, 0xff}
	}
	return at, nil
}

// check refuses what is not decoded.
func (h *Header) check() error {
	ok := false
	switch h.compression {
	case plain:
		ok = h.Bits == 1 || h.Bits == 2 || h.Bits == 4 || h.Bits == 8 || h.Bits == 16 || h.Bits == 24 || h.Bits == 32
	case runs8:
		ok = h.Bits == 8 && !h.topDown
	case runs4:
		ok = h.Bits == 4 && !h.topDown
	case bitMasks, alphaMask:
		ok = h.Bits == 16 || h.Bits == 32
	}
	if !ok {
		return UnsupportedError(fmt.Sprintf("got compression %d with %d bits a pixel, want none, run lengths or bit masks", h.compression, h.Bits))
	}
	return nil
}

// raw reports whether the rows are not compressed.
func (h *Header) raw() bool { return h.compression != runs8 && h.compression != runs4 }

// stride is how many bytes a row has.
func (h *Header) stride() int { return int((int64(h.Width)*int64(h.Bits) + 31) / 32 * 4) }

// Memory is what Decode allocates.
func (h *Header) Memory() int64 {
	n := int64(h.Width) * int64(h.Height)
	if h.Bits <= 8 {
		return n
	}
	return 4 * n
}

// row returns the row of the picture, from the top, that row y of the file is.
func (h *Header) row(y int) int {
	if h.topDown {
		return y
	}
	return h.Height - 1 - y
}

// paletted makes the picture for up to 8 bits a pixel. Indices beyond the palette
// are black.
func (h *Header) paletted() *image.Paletted {
	return image.NewPaletted(image.Rect(0, 0, h.Width, h.Height), h.palette)
}

// glance looks at the context every 64 rows.
func glance(ctx context.Context, y int) error {
	if y&63 == 0 {
		return ctx.Err()
	}
	return nil
}
