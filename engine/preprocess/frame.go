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
