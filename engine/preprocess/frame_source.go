package preprocess

import (
	"image"
	"image/color"
)

// maxFrame is the longest side of a frame; products of what is at most so long fit
// in 64 bits many times over, and in 32 with a check of the plane's length.
const maxFrame = 1 << 20

// openFrame checks f and takes it.
func (s *source) openFrame(f *Frame) error {
	if f.Layout == 0 || int(f.Layout) >= len(layoutNames) {
		return errf(ErrImage, "frame: got layout %d, want one of %v", f.Layout, layoutNames[1:])
	}
	if f.Width < 1 || f.Height < 1 || f.Width > maxFrame || f.Height > maxFrame {
		return errf(ErrImage, "frame: got %d x %d pixels, want 1 to %d a side", f.Width, f.Height, maxFrame)
	}
	if f.Matrix > BT709 {
		return errf(ErrImage, "frame: got matrix %d, want BT601 or BT709", f.Matrix)
	}
	s.img, s.w, s.h = f, f.Width, f.Height
	var strides [3]int
	for i := range 3 {
		n := f.line(i)
		if n == 0 {
			continue
		}
		rows := f.Height
		if i > 0 {
			rows = (f.Height + 1) / 2
		}
		if strides[i] = f.Strides[i]; strides[i] == 0 {
			strides[i] = n
		}
		if err := checkPlane(planeNames[i], len(f.Planes[i]), strides[i], n, rows); err != nil {
			return err
		}
	}
	s.pix, s.stride = f.Planes[0], strides[0]
	switch f.Layout {
	case Gray:
		s.unit, s.convert = 1, (*source).fromGray
	case RGB:
		s.unit, s.convert = 3, (*source).fromRGB
	case BGR:
		s.unit, s.convert = 3, (*source).fromBGR
	case RGBA:
		s.unit, s.convert = 4, (*source).fromNRGBA
	case BGRA:
		s.unit, s.convert = 4, (*source).fromBGRA
	default:
		s.convert, s.video = nil, coloursOf(f.Matrix, f.Video)
	}
	return nil
}

var planeNames = [3]string{"frame: plane 0", "frame: plane 1", "frame: plane 2"}

func (s *source) fromRGB(dst, p []byte) { copy(dst, p) }

func (s *source) fromBGR(dst, p []byte) {
	for len(p) >= 3 && len(dst) >= 3 {
		dst[0], dst[1], dst[2] = p[2], p[1], p[0]
		p, dst = p[3:], dst[3:]
	}
}

func (s *source) fromBGRA(dst, p []byte) {
	for len(p) >= 4 && len(dst) >= 3 {
		dst[0], dst[1], dst[2] = p[2], p[1], p[0]
		p, dst = p[4:], dst[3:]
	}
}

// At returns the opaque color.NRGBA of a pixel; black outside the frame. It checks
// the frame at every call: [Preprocessor.Apply] is much the faster way.
func (f *Frame) At(x, y int) color.Color {
	var s source
	var rgb [3]byte
	if image.Pt(x, y).In(f.Bounds()) && s.openFrame(f) == nil {
		if s.convert != nil {
			s.convert(&s, rgb[:], s.pix[y*s.stride+s.unit*x:][:s.unit])
		} else {
			s.rowFrame(rgb[:], f, y, x, x+1)
		}
	}
	return color.NRGBA{rgb[0], rgb[1], rgb[2], 255}
}
