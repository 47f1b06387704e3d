package preprocess

import "image"

// source reads any image.Image row by row as 8-bit RGB. It is reused from
// picture to picture so that its scratch is allocated once.
type source struct {
	w, h int
	img  image.Image

	// Pictures of one plane: bytes a pixel, and what turns a run of pixels to RGB.
	pix     []byte
	stride  int
	unit    int
	convert func(s *source, dst, p []byte)

	palette [256][3]byte
	cb, cr  []byte // one row of chroma
	video   *colours

	reducer
}

// reducer is the part of a source that reduces it.
type reducer struct {
	fx, fy int
	block  []byte   // rows of the picture
	sum    []uint64 // of one reduced row
}

// close drops the picture, so that a Preprocessor at rest keeps none alive.
func (s *source) close() { s.img, s.pix, s.convert, s.video = nil, nil, nil, nil }

// grey reports whether red, green and blue are equal in every pixel.
func (s *source) grey() bool {
	switch m := s.img.(type) {
	case *image.Gray, *image.Gray16:
		return true
	case *Frame:
		return m.Layout == Gray
	}
	return false
}

// plane takes a picture whose pixels are unit bytes each, in rows stride apart.
func (s *source) plane(pix []byte, stride, unit int, convert func(s *source, dst, p []byte)) error {
	s.pix, s.stride, s.unit, s.convert = pix, stride, unit, convert
	return checkPlane("Pix", len(pix), stride, unit*s.w, s.h)
}

// checkPlane reports a plane that is too short for rows of n bytes.
func checkPlane(what string, length, stride, n, rows int) error {
	if stride < n {
		return errf(ErrImage, "%s: got stride %d, want at least %d", what, stride, n)
	}
	// rows and stride are bounded by length once this division holds.
	if length < n || (length-n)/stride < rows-1 {
		return errf(ErrImage, "%s: got %d bytes, want %d rows of %d at stride %d", what, length, rows, n, stride)
	}
	return nil
}
