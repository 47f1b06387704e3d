package jpeg

// Header is what a file says about its picture before the first scan.
type Header struct {
	Width, Height int
	Components    int
	Progressive   bool
	Arithmetic    bool
	Precision     int // bits a sample; Decode takes 8

	samples int64 // of all components, padded to whole blocks
}

// Memory is how many bytes Decode allocates for the picture at the given scale,
// within a few percent. What does not grow with the picture is left out.
func (h Header) Memory(scale int) int64 {
	n := h.samples / int64(scale*scale)
	if h.Progressive {
		n += 2 * h.samples
	}
	if h.Components == 4 {
		n += 4 * int64(h.Width) * int64(h.Height) / int64(scale*scale)
	}
	return n
}

// frame is a parsed SOF segment.
type frame struct {
	Header
	comps      []component
	hMax, vMax int
	mcuX, mcuY int // MCUs of an interleaved scan
}

// component is one of the planes that a picture is made of.
type component struct {
	id    byte
	h, v  int // sampling factors
	table byte
	bw    int // blocks that cover the picture; fewer than the plane has
	bh    int
	bwPad int // blocks of the plane
	bhPad int

	quant *[64]uint16 // in the order of the block, set at the first scan; nil: no scan yet

	size   int // samples a side that a block becomes: 8, 4, 2, 1
	plane  []byte
	stride int
	coef   []int16 // progressive: 64 a block, in the order of the block

	known [64]bool // coefficients, in the order of the file, that have come to their last bit

	// The scan under way.
	dc, ac     *huffman
	dcAt, acAt int // numbers of the tables
	pred       int32
	context    int // of arithmetic coding: what the last difference was like
}

// left reports whether any coefficient is still to come, or bits of it.
func (c *component) left() bool {
	for _, k := range c.known {
		if !k {
			return true
		}
	}
	return false
}

// newFrame reads the body of a SOF segment; sof is its marker.
func newFrame(b []byte, sof byte) (*frame, error) {
	if len(b) < 6 {
		return nil, broken("frame header: got %d bytes, want at least 6", len(b))
	}
	f := &frame{}
	f.Precision = int(b[0])
	f.Height, f.Width = int(b[1])<<8|int(b[2]), int(b[3])<<8|int(b[4])
	f.Components = int(b[5])
	f.Progressive = sof == 0xc2 || sof == 0xca
	f.Arithmetic = sof >= 0xc9
	if name, ok := rareProcess[sof]; ok {
		return nil, unsupported("%s", name)
	}
	if f.Precision != 8 {
		return nil, unsupported("got %d bits a sample, want 8", f.Precision)
	}
	if f.Height == 0 {
		return nil, unsupported("the height is given behind the picture (a DNL segment)")
	}
	if f.Width == 0 {
		return nil, broken("got %d x %d pixels, want at least 1 x 1", f.Width, f.Height)
	}
	switch f.Components {
	case 1, 3, 4:
	case 2:
		return nil, unsupported("got 2 components, want 1, 3 or 4")
	default:
		return nil, broken("got %d components, want 1, 3 or 4", f.Components)
	}
	if len(b) != 6+3*f.Components {
		return nil, broken("frame header: got %d bytes, want %d for %d components", len(b), 6+3*f.Components, f.Components)
	}
	f.comps = make([]component, f.Components)
	for i := range f.comps {
		c, s := &f.comps[i], b[6+3*i:]
		c.id, c.h, c.v, c.table = s[0], int(s[1]>>4), int(s[1]&15), s[2]
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return nil, broken("component %d: got sampling factors %d x %d, want 1 to 4", i, c.h, c.v)
		}
		if c.table > 3 {
			return nil, broken("component %d: got quantization table %d, want 0 to 3", i, c.table)
		}
		f.hMax, f.vMax = max(f.hMax, c.h), max(f.vMax, c.v)
	}
	f.mcuX, f.mcuY = ceil(f.Width, 8*f.hMax), ceil(f.Height, 8*f.vMax)
	for i := range f.comps {
		c := &f.comps[i]
		c.bw = ceil(ceil(f.Width*c.h, f.hMax), 8)
		c.bh = ceil(ceil(f.Height*c.v, f.vMax), 8)
		c.bwPad, c.bhPad = f.mcuX*c.h, f.mcuY*c.v
		f.samples += 64 * int64(c.bwPad) * int64(c.bhPad)
	}
	return f, nil
}

// rareProcess names the ways of coding that this package does not decode.
var rareProcess = map[byte]string{
	0xc3: "lossless coding", 0xc5: "hierarchical coding", 0xc6: "hierarchical progressive coding",
	0xc7: "hierarchical lossless coding", 0xcb: "lossless arithmetic coding", 0xcd: "hierarchical arithmetic coding",
	0xce: "hierarchical progressive arithmetic coding", 0xcf: "hierarchical lossless arithmetic coding",
}

func ceil(n, d int) int { return (n + d - 1) / d }

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

// DecodeHeader reads as far as the size of the picture.
func DecodeHeader(b []byte) (Header, error) {
	if len(b) < 2 || b[0] != 0xff || b[1] != 0xd8 {
		return Header{}, broken("got no SOI marker at the start")
	}
	for i := 2; ; {
		m, at, ok := nextMarker(b, i)
		if !ok || m == 0xd9 {
			return Header{}, broken("got no frame header before the data's end")
		}
		if i = at; alone(m) {
			continue
		}
		body, at, err := segment(b, i, m)
		if err != nil {
			return Header{}, err
		}
		if isSOF(m) {
			f, err := newFrame(body, m)
			if err != nil {
				return Header{}, err
			}
			return f.Header, nil
		}
		if m == 0xda {
			return Header{}, broken("got a scan before the frame header")
		}
		i = at
	}
}
