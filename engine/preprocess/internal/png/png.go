// Package png reads what a PNG says of itself, and mends files whose pixels are whole
// but whose wrapping the standard library's decoder refuses: wrong checksums, text
// or colour profiles that are damaged, more data than the picture needs, no end.
package png

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
)

// Magic is how a PNG begins.
const Magic = "\x89PNG\r\n\x1a\n"

// Header is the IHDR chunk.
type Header struct {
	Width, Height int
	Depth         int // bits a sample
	Colour        int // 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
	Interlaced    bool
}

// ErrApple is a file as Apple's tools rewrite it for its devices.
var ErrApple = fmt.Errorf("unsupported feature: Apple's own variant of PNG (CgBI)")

// ReadHeader reads the first chunk.
func ReadHeader(b []byte) (h Header, err error) {
	if len(b) < 8+8+13 {
		return h, io.ErrUnexpectedEOF
	}
	switch kind := string(b[12:16]); kind {
	case "IHDR":
	case "CgBI":
		return h, ErrApple
	default:
		return h, fmt.Errorf("got a first chunk %q, want IHDR", kind)
	}
	w, t := binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
	if w == 0 || t == 0 || w > 1<<31-1 || t > 1<<31-1 {
		return h, fmt.Errorf("got %d x %d pixels, want 1 to 2147483647 a side", w, t)
	}
	h = Header{Width: int(w), Height: int(t), Depth: int(b[24]), Colour: int(b[25]), Interlaced: b[28] == 1}
	if channels[h.Colour&7] == 0 || h.Colour > 6 || !depths[h.Colour][h.Depth] {
		return h, fmt.Errorf("got colour type %d with %d bits a sample", h.Colour, h.Depth)
	}
	if b[26] != 0 || b[27] != 0 || b[28] > 1 {
		return h, fmt.Errorf("got compression %d, filter %d and interlace %d, want 0, 0 and 0 or 1", b[26], b[27], b[28])
	}
	return h, nil
}

var channels = [8]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

var depths = [7]map[int]bool{
	0: {1: true, 2: true, 4: true, 8: true, 16: true}, 2: {8: true, 16: true}, 3: {1: true, 2: true, 4: true, 8: true},
	4: {8: true, 16: true}, 6: {8: true, 16: true},
}

// row is how many bytes a row of w pixels has, with its filter's number.
func (h Header) row(w int) int64 {
	return 1 + (int64(w)*int64(channels[h.Colour]*h.Depth)+7)/8
}

// Raw is how many bytes of filtered rows the picture has.
func (h Header) Raw() int64 {
	if !h.Interlaced {
		return h.row(h.Width) * int64(h.Height)
	}
	n := int64(0)
	for _, p := range [7][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
		w, t := (h.Width-p[0]+p[2]-1)/p[2], (h.Height-p[1]+p[3]-1)/p[3]
		if w > 0 && t > 0 {
			n += h.row(w) * int64(t)
		}
	}
	return n
}

// Memory is what image/png allocates for the picture; transparent says that a tRNS
// chunk gives it alpha.
func (h Header) Memory(transparent bool) int64 {
	pixel := int64(1)
	switch {
	case h.Colour >= 4 || h.Colour == 2 || h.Colour == 0 && transparent:
		pixel = 4
	}
	if h.Depth == 16 {
		pixel *= 2
	}
	n := pixel * int64(h.Width) * int64(h.Height)
	if h.Interlaced {
		n *= 2
	}
	return n + 2*h.row(h.Width)
}

// Chunk is a part of a file.
type Chunk struct {
	Kind string
	Body []byte
}

// Chunks calls f with each chunk after the magic number, to the end of the data or
// until f returns false. A last chunk that is cut off is given as far as it goes.
// Checksums are not looked at.
func Chunks(b []byte, f func(Chunk) bool) {
	for b = b[min(len(b), len(Magic)):]; len(b) >= 8; {
		n := int(min(binary.BigEndian.Uint32(b), uint32(min(len(b)-8, 1<<31-1))))
		if !f(Chunk{string(b[4:8]), b[8 : 8+n]}) {
			return
		}
		b = b[min(len(b), 8+n+4):]
	}
}

// Sound reports whether every chunk has its checksum and the last one is the end, as
// far as can be seen without unpacking anything.
func Sound(b []byte) bool {
	for b = b[min(len(b), len(Magic)):]; len(b) >= 12; {
		n := int64(binary.BigEndian.Uint32(b))
		if n > int64(len(b)-12) {
			return false
		}
		body := b[4 : 8+n]
		if binary.BigEndian.Uint32(b[8+n:]) != crc32.ChecksumIEEE(body) {
			return false
		}
		if string(body[:4]) == "IEND" {
			return true
		}
		b = b[12+n:]
	}
	return false
}
