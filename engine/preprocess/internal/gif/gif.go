// Package gif decodes the first frame of a GIF. It reads what browsers and Pillow
// read, and the standard library's decoder refuses: frames that reach beyond their
// screen, screens without pixels, more data than a frame needs.
package gif

import (
	"compress/lzw"
	"context"
	"fmt"
	"image"
	"image/color"
	"io"
)

// Frame is where the first frame is and what it looks like, before its pixels are
// decoded.
type Frame struct {
	Screen image.Rectangle // the whole picture, at 0, 0
	Bounds image.Rectangle // of the frame; it may reach beyond Screen

	palette     color.Palette
	transparent int // index of the transparent colour, -1: none
	interlaced  bool
	literal     int    // bits of a pixel in the data
	data        []byte // sub-blocks and all that follows
}

func broken(format string, args ...any) error { return fmt.Errorf(format, args...) }

var errShort = io.ErrUnexpectedEOF

// Read finds the first frame.
func Read(b []byte) (*Frame, error) {
	if len(b) < 13 || string(b[:4]) != "GIF8" {
		return nil, errShort
	}
	f := &Frame{transparent: -1}
	f.Screen = image.Rect(0, 0, word(b[6:]), word(b[8:]))
	table, b := colours(b[10], b[13:])
	for {
		if len(b) == 0 {
			return nil, broken("got no frame before the data's end")
		}
		switch kind := b[0]; kind {
		case 0x21: // an extension: label, then sub-blocks
			if len(b) < 2 {
				return nil, errShort
			}
			if b[1] == 0xf9 && len(b) >= 7 && b[2] >= 4 && b[3]&1 != 0 {
				f.transparent = int(b[6])
			}
			b = skip(b[2:])
		case 0x2c:
			return f, f.descriptor(b[1:], table)
		case 0x3b:
			return nil, broken("got no frame before the trailer")
		case 0x00: // some writers pad
			b = b[1:]
		default:
			return nil, broken("got a block of kind %02x, want an extension or a frame", kind)
		}
	}
}

// descriptor reads what stands before a frame's data; table is the screen's palette.
func (f *Frame) descriptor(b, table []byte) error {
	if len(b) < 10 {
		return errShort
	}
	x, y := word(b), word(b[2:])
	f.Bounds = image.Rect(x, y, x+word(b[4:]), y+word(b[6:]))
	f.interlaced = b[8]&0x40 != 0
	if local, rest := colours(b[8], b[9:]); local != nil {
		table, b = local, rest
	} else {
		b = b[9:]
	}
	if f.Bounds.Dx() == 0 || f.Bounds.Dy() == 0 {
		return broken("got a frame of %d x %d pixels, want at least 1 x 1", f.Bounds.Dx(), f.Bounds.Dy())
	}
	// As Pillow has it, the picture grows by what its frame needs beyond the screen.
	f.Screen.Max.X, f.Screen.Max.Y = max(f.Screen.Max.X, f.Bounds.Max.X), max(f.Screen.Max.Y, f.Bounds.Max.Y)
	for ; len(table) >= 3; table = table[3:] {
		f.palette = append(f.palette, color.RGBA{table[0], table[1], table[2], 255})
	}
	if len(f.palette) == 0 { // a file without a palette is grey
		for i := range 256 {
			f.palette = append(f.palette, color.RGBA{uint8(i), uint8(i), uint8(i), 255})
		}
	}
	if f.transparent >= len(f.palette) {
		f.transparent = -1
	}
	if f.transparent >= 0 {
		c := f.palette[f.transparent].(color.RGBA)
		f.palette[f.transparent] = color.NRGBA{c.R, c.G, c.B, 0}
	}
	if len(b) < 1 {
		return errShort
	}
	if f.literal = int(b[0]); f.literal < 2 || f.literal > 8 {
		return broken("got pixels of %d bits, want 2 to 8", f.literal)
	}
	f.data = b[1:]
	return nil
}

// Decode returns the frame on its whole screen: outside of it lies the transparent
// colour, or colour 0. The transparent colour keeps the red, green and blue that the
// file gives it. Indices beyond the palette are black. ctx is looked at as data is
// read.
func (f *Frame) Decode(ctx context.Context) (*image.Paletted, error) {
	out := image.NewPaletted(f.Screen, f.palette)
	if f.transparent > 0 && f.Bounds != f.Screen {
		for i := range out.Pix {
			out.Pix[i] = uint8(f.transparent)
		}
	}
	r := lzw.NewReader(&blocks{ctx: ctx, rest: f.data}, lzw.LSB, f.literal)
	defer r.Close()
	for _, pass := range f.passes() {
		for y := pass.first; y < f.Bounds.Dy(); y += pass.step {
			at := out.PixOffset(f.Bounds.Min.X, f.Bounds.Min.Y+y)
			if _, err := io.ReadFull(r, out.Pix[at:at+f.Bounds.Dx()]); err != nil {
				if err == io.EOF {
					err = errShort
				}
				return nil, err
			}
		}
	}
	return out, nil
}

type pass struct{ first, step int }

// passes is the order of the rows.
func (f *Frame) passes() []pass {
	if f.interlaced {
		return []pass{{0, 8}, {4, 8}, {2, 4}, {1, 2}}
	}
	return []pass{{0, 1}}
}

// blocks reads the bytes within sub-blocks, each led by its length, to the empty one.
type blocks struct {
	ctx  context.Context
	rest []byte
	now  []byte
}

func (b *blocks) next() error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if len(b.rest) == 0 || b.rest[0] == 0 {
		return io.EOF
	}
	n := min(int(b.rest[0]), len(b.rest)-1)
	b.now, b.rest = b.rest[1:1+n], b.rest[1+n:]
	return nil
}

// ReadByte is what package lzw calls.
func (b *blocks) ReadByte() (byte, error) {
	for len(b.now) == 0 {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	c := b.now[0]
	b.now = b.now[1:]
	return c, nil
}

func (b *blocks) Read(p []byte) (int, error) {
	for len(b.now) == 0 {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.now)
	b.now = b.now[n:]
	return n, nil
}

func word(b []byte) int { return int(b[0]) | int(b[1])<<8 }

// colours cuts the colour table that flags announce off the front of b.
func colours(flags byte, b []byte) (table, rest []byte) {
	if flags&0x80 == 0 {
		return nil, b
	}
	n := min(len(b), 3<<(1+flags&7))
	return b[:n], b[n:]
}

// skip goes behind sub-blocks.
func skip(b []byte) []byte {
	for len(b) > 0 && b[0] != 0 {
		b = b[min(len(b), 1+int(b[0])):]
	}
	return b[min(len(b), 1):]
}
