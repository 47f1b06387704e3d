package jpeg

import "image"

// Header is what a file says about its picture before the first scan.
type Header struct {
	Width, Height int
	Components    int
	Progressive   bool
	Arithmetic    bool
	Precision     int // bits a sample; Decode takes 8

	frame   *frame
	markers markers
}

// markers is what a file says of its colours before its first scan.
type markers struct {
	jfif      bool
	adobe     bool
	transform byte // of the Adobe marker
}

// note takes in a segment.
func (m *markers) note(marker byte, body []byte) {
	switch {
	case marker == 0xe0 && len(body) >= 5 && string(body[:5]) == "JFIF\x00":
		m.jfif = true
	case marker == 0xee && len(body) >= 12 && string(body[:5]) == "Adobe":
		m.adobe, m.transform = true, body[11]
	}
}

// frame is a parsed SOF segment.
type frame struct {
	Header
	comps      []component
	hMax, vMax int
	mcuX, mcuY int // MCUs of an interleaved scan
	scale      int // 1, 2, 4, 8: the picture is decoded at 1/scale
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

// setScale decides at which size blocks are decoded.
func (f *frame) setScale(scale int) {
	f.scale = scale
	for i := range f.comps {
		f.comps[i].size = f.blockSize(&f.comps[i])
	}
}

// blockSize says to how many samples a side a component's block is decoded. As in
// libjpeg, subsampled chroma of a reduced picture keeps more of its own
// resolution, as long as it is not finer than luma.
func (f *frame) blockSize(c *component) int {
	least := 8 / f.scale
	size := least
	for size < 8 && f.hMax*least%(c.h*size*2) == 0 && f.vMax*least%(c.v*size*2) == 0 {
		size *= 2
	}
	return size
}

// factors says how many samples of the picture one of c's covers, along each axis,
// as a fraction.
func (f *frame) factors(c *component) (xNum, xDen, yNum, yDen int) {
	least := 8 / f.scale
	return f.hMax * least, c.h * c.size, f.vMax * least, c.v * c.size
}

// whole is the size of the picture that Decode returns.
func (f *frame) whole() (w, h int) {
	return ceil(f.Width, f.scale), ceil(f.Height, f.scale)
}

// covered is how many samples of c's plane the picture covers.
func (f *frame) covered(c *component) (w, h int) {
	return ceil(f.Width*c.h*c.size, f.hMax*8), ceil(f.Height*c.v*c.size, f.vMax*8)
}

// full reports whether c has a sample for each pixel of the picture.
func (f *frame) full(c *component) bool {
	xn, xd, yn, yd := f.factors(c)
	return xn == xd && yn == yd
}

// asItIs reports whether the planes of luma and chroma can be handed over as they are.
func (f *frame) asItIs(m markers) bool {
	_, ok := f.ratio()
	return ok && !f.isRGB(m)
}

// isRGB reports whether three components are red, green and blue and not luma and
// chroma. As in libjpeg, a JFIF marker says no; an Adobe marker says; and without
// both, the components' names may.
func (f *frame) isRGB(m markers) bool {
	if f.Components != 3 || m.jfif {
		return false
	}
	if m.adobe {
		return m.transform == 0
	}
	c := f.comps
	return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
}

// ratio finds the subsampling among those that the image package has, and that mean
// there what they mean here.
func (f *frame) ratio() (image.YCbCrSubsampleRatio, bool) {
	if f.Components != 3 {
		return 0, false
	}
	c := f.comps
	xn, xd, yn, yd := f.factors(&c[0])
	if xn != xd || yn != yd || c[1].h*c[1].size != c[2].h*c[2].size || c[1].v*c[1].size != c[2].v*c[2].size || c[1].stride != c[2].stride {
		return 0, false
	}
	xn, xd, yn, yd = f.factors(&c[1])
	for _, r := range [...]struct {
		x, y  int
		ratio image.YCbCrSubsampleRatio
	}{
		{1, 1, image.YCbCrSubsampleRatio444}, {2, 1, image.YCbCrSubsampleRatio422}, {2, 2, image.YCbCrSubsampleRatio420},
		{1, 2, image.YCbCrSubsampleRatio440}, {4, 1, image.YCbCrSubsampleRatio411}, {4, 2, image.YCbCrSubsampleRatio410},
	} {
		// At 1/8 libjpeg interpolates nothing; the image package's reader does.
		if xn == r.x*xd && yn == r.y*yd && (f.scale < 8 || r.x*r.y == 1) {
			return r.ratio, true
		}
	}
	return 0, false
}

func ceil(n, d int) int { return (n + d - 1) / d }
