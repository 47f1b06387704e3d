package jpeg

import "slices"

// Memory is how many bytes Decode allocates for the picture at the given scale. What
// does not grow with the picture is left out. h comes from DecodeHeader.
func (h Header) Memory(scale int) int64 {
	f := *h.frame
	f.comps = slices.Clone(f.comps)
	f.setScale(scale)
	width, height := f.whole()
	pixels := int64(width) * int64(height)
	n := int64(0)
	for i := range f.comps {
		c := &f.comps[i]
		blocks := int64(c.bwPad) * int64(c.bhPad)
		n += int64(c.size*c.size) * blocks
		if f.Progressive {
			n += 2 * 64 * blocks
		}
		if !f.asItIs(h.markers) && !f.full(c) {
			n += pixels
		}
	}
	if f.Components == 4 || f.isRGB(h.markers) {
		n += 4 * pixels
	}
	return n
}

// isSOF reports whether m begins a frame.
func isSOF(m byte) bool { return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc }

// nextMarker returns the next marker at or behind i and the place behind it. What
// lies between is skipped. ok is false at the end of the data.
func nextMarker(b []byte, i int) (m byte, at int, ok bool) {
	for ; i+1 < len(b); i++ {
		if b[i] == 0xff && b[i+1] != 0 && b[i+1] != 0xff {
			return b[i+1], i + 2, true
		}
	}
	return 0, len(b), false
}

// segment returns the body of the segment whose length is at i, and the place
// behind it.
func segment(b []byte, i int, m byte) (body []byte, at int, err error) {
	if i+2 > len(b) {
		return nil, 0, errShort
	}
	n := int(b[i])<<8 | int(b[i+1])
	if n < 2 {
		return nil, 0, broken("segment %02x: got a length of %d, want at least 2", m, n)
	}
	if i+n > len(b) {
		return nil, 0, errShort
	}
	return b[i+2 : i+n], i + n, nil
}

// alone reports whether a marker stands without a segment.
func alone(m byte) bool { return m == 0x01 || m >= 0xd0 && m <= 0xd8 }

// DecodeHeader reads as far as the first scan.
func DecodeHeader(b []byte) (Header, error) {
	if len(b) < 2 || b[0] != 0xff || b[1] != 0xd8 {
		return Header{}, broken("got no SOI marker at the start")
	}
	h := Header{}
	for i := 2; ; {
		m, at, ok := nextMarker(b, i)
		if !ok || m == 0xd9 || m == 0xda {
			switch {
			case h.frame != nil:
				return h, nil // what is missing behind it is for Decode to say
			case m == 0xda:
				return h, broken("got a scan before the frame header")
			}
			return h, broken("got no frame header before the data's end")
		}
		if i = at; alone(m) {
			continue
		}
		body, at, err := segment(b, i, m)
		if err != nil {
			if h.frame != nil {
				err = nil
			}
			return h, err
		}
		if isSOF(m) && h.frame == nil {
			f, err := newFrame(body, m)
			if err != nil {
				return h, err
			}
			marked := h.markers
			h = f.Header
			h.frame, h.markers = f, marked
		}
		h.markers.note(m, body)
		i = at
	}
}
