package preprocess

// rowFrame converts pixels x0 to x1 of a row with luma and chroma. Chroma is
// repeated, not interpolated, as OpenCV and libyuv do.
func (s *source) rowFrame(dst []byte, f *Frame, y, x0, x1 int) {
	c := s.video
	luma := f.at(0, y)
	switch f.Layout {
	case YUYV:
		c.halved(dst, luma, luma[1:], luma[3:], 2, 4, x0, x1)
	case NV12:
		pairs := f.at(1, y/2)
		c.halved(dst, luma, pairs, pairs[1:], 1, 2, x0, x1)
	case NV21:
		pairs := f.at(1, y/2)
		c.halved(dst, luma, pairs[1:], pairs, 1, 2, x0, x1)
	case I420:
		c.halved(dst, luma, f.at(1, y/2), f.at(2, y/2), 1, 1, x0, x1)
	}
}
