package preprocess

import (
	"fmt"
	"image"
	"math"
)

// size is what a picture's header says of it.
type size struct {
	width, height int
	memory        int64 // bytes that decoding takes in proportion to the picture
}

// turned is what turning the decoded picture takes: itself, and another of 4 bytes
// a pixel.
func (s size) turned() size {
	s.memory += 4 * int64(s.width) * int64(s.height)
	return s
}

// mostRows bounds what decoders do once for each row, however few pixels it has: image/png
// takes 35 ns for one of a single pixel.
const mostRows = 16 << 20

// within checks a size against the limits.
func (s size) within(name string, encoded int, o Options) error {
	what := fmt.Sprintf("%s of %d x %d", name, s.width, s.height)
	// In this order the product cannot overflow.
	if int64(s.width) > o.MaxPixels || int64(s.width)*int64(s.height) > o.MaxPixels {
		return &LimitError{what, "pixels", int64(s.width) * int64(s.height), o.MaxPixels}
	}
	if s.height > mostRows {
		return &LimitError{what, "rows", int64(s.height), mostRows}
	}
	if most := min(o.MaxMemory, math.MaxInt64/2) + 8*int64(encoded); s.memory > most {
		return &LimitError{what, "bytes of memory", s.memory, most}
	}
	return nil
}

// sized is a picture of some bytes a pixel.
func sized(c image.Config, bytesPerPixel int64) size {
	return size{c.Width, c.Height, bytesPerPixel * int64(c.Width) * int64(c.Height)}
}
