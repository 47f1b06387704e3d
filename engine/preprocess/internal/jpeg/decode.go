package jpeg

import (
	"context"
	"image"
)

// decoder is the state between segments.
type decoder struct {
	ctx   context.Context
	data  []byte
	scale int

	frame   *frame
	quant   [4]*[64]uint16
	dc, ac  [4]*huffman
	coder   *arithmetic
	restart int // MCUs between restart markers, 0: none

	dcLow, dcHigh [16]uint8 // conditioning of arithmetic coding
	acBound       [16]uint8

	markers
	scanned bool // a scan has been read: what the file says of colours counts no more

	visits, mostVisits int64
}

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

// seen reports whether a scan of every component has been read.
func (d *decoder) seen() bool {
	for i := range d.frame.comps {
		if d.frame.comps[i].quant == nil {
			return false
		}
	}
	return true
}

// complete reports whether nothing is missing of any component, to the last bit of
// every coefficient: then a file may do without its end.
func (d *decoder) complete() bool {
	for i := range d.frame.comps {
		if d.frame.comps[i].left() {
			return false
		}
	}
	return true
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

// visit counts blocks that were looked at without data being used up for them. A few
// bytes can ask for the whole picture to be gone through; real files do so for
// some ten scans, most of which concern a part of the components.
func (d *decoder) visit(n int) error {
	if d.visits += int64(n); d.visits > d.mostVisits {
		return broken("the scans go through the picture more often than a picture needs: %d blocks so far for %d x %d pixels",
			d.visits, d.frame.Width, d.frame.Height)
	}
	return nil
}
