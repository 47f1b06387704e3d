package bmp

import (
	"context"
	"image"
	"io"
)

// decodeRuns unpacks run-length coding: pairs of a count and a pixel, or of 0 and what
// to do: end the row, end the picture, skip pixels, or take pixels as they follow.
// Pixels that are skipped have index 0. A picture that ends early keeps those; only
// one that breaks off within its data is an error.
func (h *Header) decodeRuns(ctx context.Context, b []byte) (image.Image, error) {
	m := h.paletted()
	x, y := 0, 0
	put := func(index byte) {
		if x < h.Width && y < h.Height {
			m.Pix[h.row(y)*m.Stride+x] = index
		}
		x++
	}
	for n := 0; y < h.Height; n++ {
		if err := glance(ctx, n); err != nil {
			return nil, err
		}
		if len(b) < 2 {
			return nil, io.ErrUnexpectedEOF
		}
		count, v := int(b[0]), b[1]
		b = b[2:]
		switch {
		case count > 0:
			for i := range count {
				put(h.pixel(v, i))
			}
		case v == 0: // the row ends
			x, y = 0, y+1
		case v == 1: // the picture ends
			return m, nil
		case v == 2: // go right and up
			if len(b) < 2 {
				return nil, io.ErrUnexpectedEOF
			}
			x, y, b = x+int(b[0]), y+int(b[1]), b[2:]
		default: // v pixels, padded to 16 bits
			size := (int(v)*h.Bits + 15) / 16 * 2
			if len(b) < size {
				return nil, io.ErrUnexpectedEOF
			}
			for i := range int(v) {
				put(h.pixel(b[i*h.Bits/8], i))
			}
			b = b[size:]
		}
	}
	return m, nil
}

// pixel is the i-th pixel of a byte that is repeated.
func (h *Header) pixel(v byte, i int) byte {
	switch {
	case h.Bits == 8:
		return v
	case i&1 == 0:
		return v >> 4
	}
	return v & 15
}
