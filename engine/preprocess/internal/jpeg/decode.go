package jpeg

import (
	"context"
	"image"
)

// Decode decodes a picture. scale is 1, 2, 4 or 8: the picture comes at 1/scale of
// its size, rounded up. It returns an *image.Gray, *image.YCbCr, *image.RGBA
// (components that are red, green and blue already) or *image.CMYK, and takes no
// memory in proportion to the picture beyond what Header.Memory says.
//
// Errors: a FormatError, an UnsupportedError, or the context's, at which Decode
// looks once a row of blocks. It keeps no reference to data.
func Decode(ctx context.Context, data []byte, scale int) (image.Image, error) {
	if _, err := DecodeHeader(data); err != nil {
		return nil, err
	}
	d := &decoder{ctx: ctx, data: data, scale: scale}
	d.usualTables()
	if err := d.segments(); err != nil {
		return nil, err
	}
	return d.picture()
}

// segments reads to the end of the picture.
func (d *decoder) segments() error {
	for i := 2; ; {
		m, at, ok := nextMarker(d.data, i)
		if !ok || m == 0xd9 {
			if d.frame == nil || !d.seen() || !ok && !d.complete() {
				return errShort
			}
			return nil
		}
		if i = at; alone(m) {
			continue
		}
		body, at, err := segment(d.data, i, m)
		if err != nil {
			if d.frame != nil && d.complete() {
				return nil // rubbish behind a whole picture
			}
			return err
		}
		i = at
		switch {
		case isSOF(m):
			if d.frame != nil {
				return broken("got a second frame header")
			}
			if err := d.start(body, m); err != nil {
				return err
			}
		case m == 0xc4:
			err = d.huffmanTables(body)
		case m == 0xcc:
			err = d.conditioning(body)
		case m == 0xdb:
			err = d.quantTables(body)
		case m == 0xdd:
			if len(body) < 2 {
				return broken("restart interval: got %d bytes, want 2", len(body))
			}
			d.restart = int(body[0])<<8 | int(body[1])
		case m == 0xe0, m == 0xee:
			if !d.scanned {
				d.note(m, body)
			}
		case m == 0xda:
			d.scanned = true
			i, err = d.scan(body, i)
		}
		if err != nil {
			return err
		}
	}
}

// start reads the frame header and allocates.
func (d *decoder) start(body []byte, m byte) error {
	f, err := newFrame(body, m)
	if err != nil {
		return err
	}
	d.frame = f
	f.setScale(d.scale)
	blocks := int64(0)
	for i := range f.comps {
		c := &f.comps[i]
		c.stride = c.size * c.bwPad
		c.plane = make([]byte, c.stride*c.size*c.bhPad)
		if f.Progressive {
			c.coef = make([]int16, 64*c.bwPad*c.bhPad)
		}
		blocks += int64(c.bwPad) * int64(c.bhPad)
	}
	d.mostVisits = 20*blocks + 1<<22
	return nil
}
