package bmp

import (
	"context"
	"encoding/binary"
	"image"
	"math/bits"
)

// Decode decodes a bitmap, to an *image.Paletted for up to 8 bits a pixel, else to an
// opaque *image.RGBA: what alpha a file has is not looked at. ctx is looked at once a
// few rows.
func Decode(ctx context.Context, b []byte) (image.Image, error) {
	h, err := ReadHeader(b)
	if err != nil {
		return nil, err
	}
	rows := b[h.pixels:]
	switch {
	case !h.raw():
		return h.decodeRuns(ctx, rows)
	case h.Bits <= 8:
		return h.decodeIndices(ctx, rows)
	}
	return h.decodeColours(ctx, rows)
}

// decodeIndices unpacks pixels of 1, 2, 4 or 8 bits, the highest first.
func (h *Header) decodeIndices(ctx context.Context, rows []byte) (image.Image, error) {
	m := h.paletted()
	mask := byte(1<<h.Bits - 1)
	for y := range h.Height {
		if err := glance(ctx, y); err != nil {
			return nil, err
		}
		row := rows[y*h.stride():]
		out := m.Pix[h.row(y)*m.Stride:][:h.Width]
		if h.Bits == 8 {
			copy(out, row)
			continue
		}
		for x := range out {
			at := x * h.Bits
			out[x] = row[at/8] >> (8 - h.Bits - at%8) & mask
		}
	}
	return m, nil
}

// decodeColours unpacks pixels of 16, 24 or 32 bits.
func (h *Header) decodeColours(ctx context.Context, rows []byte) (image.Image, error) {
	m := image.NewRGBA(image.Rect(0, 0, h.Width, h.Height))
	var f [3]field
	for i := range f {
		f[i] = newField(h.masks[i])
	}
	unit := h.Bits / 8
	for y := range h.Height {
		if err := glance(ctx, y); err != nil {
			return nil, err
		}
		row := rows[y*h.stride():][:h.stride()]
		out := m.Pix[h.row(y)*m.Stride:][:4*h.Width]
		for ; len(out) >= 4 && len(row) >= unit; out, row = out[4:], row[unit:] {
			var v uint32
			switch unit {
			case 2:
				v = uint32(binary.LittleEndian.Uint16(row))
			case 3:
				out[0], out[1], out[2], out[3] = row[2], row[1], row[0], 255
				continue
			default:
				v = binary.LittleEndian.Uint32(row)
			}
			out[0], out[1], out[2], out[3] = f[0].of(v), f[1].of(v), f[2].of(v), 255
		}
	}
	return m, nil
}

// field is where a colour is in a pixel.
type field struct{ mask, shift, most uint32 }

func newField(mask uint32) field {
	if mask == 0 {
		return field{most: 1}
	}
	shift := uint32(bits.TrailingZeros32(mask))
	return field{mask, shift, mask >> shift}
}

// of scales a colour to 0..255.
func (f field) of(v uint32) byte {
	v = v & f.mask >> f.shift
	if f.most == 255 {
		return byte(v)
	}
	return byte(uint64(v) * 255 / uint64(f.most))
}
