package preprocess

import (
	"image"
	"image/color"
)

// Layout says how a [Frame] keeps its pixels. The names give the order in memory,
// 8 bits a sample.
type Layout uint8

// Packed layouts have one plane, the others as many as they name. Chroma of 4:2:0
// has (Width+1)/2 samples a row and (Height+1)/2 rows.
const (
	Gray Layout = iota + 1 // 1 byte a pixel
	RGB                    // 3 bytes a pixel: red, green, blue
	BGR                    // 3 bytes a pixel: blue, green, red, as OpenCV keeps it
	RGBA                   // 4 bytes a pixel, the fourth not looked at
	BGRA                   // 4 bytes a pixel, the fourth not looked at, as Windows and macOS capture
	YUYV                   // 4:2:2, 4 bytes for two pixels: Y, Cb, Y, Cr, as webcams give it
	NV12                   // 4:2:0: a plane of Y, a plane of Cb and Cr in turn
	NV21                   // 4:2:0: a plane of Y, a plane of Cr and Cb in turn, as Android gives it
	I420                   // 4:2:0: planes of Y, Cb and Cr
)

var layoutNames = [...]string{Gray: "Gray", RGB: "RGB", BGR: "BGR", RGBA: "RGBA", BGRA: "BGRA", YUYV: "YUYV", NV12: "NV12", NV21: "NV21", I420: "I420"}

// String is the layout's name.
func (l Layout) String() string {
	if int(l) < len(layoutNames) && l > 0 {
		return layoutNames[l]
	}
	return "unknown layout"
}

// Matrix says what luma and chroma mean in red, green and blue.
type Matrix uint8

// The matrices of the layouts that have luma and chroma.
const (
	BT601 Matrix = iota // ITU-R BT.601: JPEG, webcams, video of standard definition
	BT709               // ITU-R BT.709: video of high definition
)

// Frame is a picture in memory of the caller's, as cameras, video decoders and other
// libraries hand it over. It is an [image.Image], so that whatever takes a picture
// takes a *Frame; [Preprocessor.Apply] reads it in place and allocates nothing.
//
// A Frame whose planes are shorter than its size says is an [ErrImage] there, and
// black where At is asked. The planes must not change while they are read.
type Frame struct {
	Layout        Layout
	Width, Height int
	// Planes holds the pixels, row by row from the top. Row y of plane i begins at
	// y*Strides[i], in bytes; a stride of 0 means that rows follow one another.
	Planes  [3][]byte
	Strides [3]int

	// Matrix and Video matter for layouts with luma and chroma. Video says that Y
	// spans 16 to 235 and Cb and Cr 16 to 240, as in broadcast and most video
	// files; otherwise all span 0 to 255, as in JPEG.
	Matrix Matrix
	Video  bool
}

// NewFrame returns a frame of one plane without padding, for the packed layouts.
func NewFrame(layout Layout, width, height int, pix []byte) *Frame {
	return &Frame{Layout: layout, Width: width, Height: height, Planes: [3][]byte{pix}}
}

// ColorModel is color.NRGBAModel.
func (f *Frame) ColorModel() color.Model { return color.NRGBAModel }

// Bounds begins at 0, 0.
func (f *Frame) Bounds() image.Rectangle { return image.Rect(0, 0, max(f.Width, 0), max(f.Height, 0)) }

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

// line is how many bytes a row of plane i has; 0: there is no such plane.
func (f *Frame) line(i int) int {
	half := (f.Width + 1) / 2
	switch {
	case i == 0:
		switch f.Layout {
		case RGB, BGR:
			return 3 * f.Width
		case RGBA, BGRA:
			return 4 * f.Width
		case YUYV:
			return 4 * half
		}
		return f.Width
	case i == 1 && (f.Layout == NV12 || f.Layout == NV21):
		return 2 * half
	case f.Layout == I420:
		return half
	}
	return 0
}

// at returns the part of plane i that holds row y.
func (f *Frame) at(i, y int) []byte {
	n := f.line(i)
	stride := f.Strides[i]
	if stride == 0 {
		stride = n
	}
	return f.Planes[i][y*stride:][:n]
}

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
