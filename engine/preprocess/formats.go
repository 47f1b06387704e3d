package preprocess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"strings"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/bmp"
	"github.com/riffle-ml/riffle/engine/preprocess/internal/jpeg"
	"golang.org/x/image/tiff"
)

// format is one of the encodings that Decode knows.
type format struct {
	name        string
	is          func([]byte) bool
	config      func([]byte, Options) (size, error)
	decode      func(context.Context, []byte, Options) (image.Image, error)
	orientation func([]byte) int // 1 to 8 of EXIF; nil: the format has none
}

// formats in the order in which they are tried.
var formats = []format{
	{"png", begins("\x89PNG\r\n\x1a\n"), sizePNG, decodePNG, orientationPNG},
	{"jpeg", begins("\xff\xd8"), sizeJPEG, decodeJPEG, orientationJPEG},
	{"gif", begins("GIF8?a"), sizeGIF, decodeGIF, nil},
	{"webp", begins("RIFF????WEBPVP8"), sizeWebP, decodeWebP, orientationWebP},
	{"bmp", bmp.Is, sizeBMP, decodeBMP, nil},
	{"tiff", isTIFF, sizeTIFF, decodeTIFF, orientation},
}

// Formats returns the names that Decode reports, in the order it tries them: png,
// jpeg, gif, webp, bmp, tiff. A fresh list.
func Formats() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// Extensions returns how names of files usually end that Decode reads, in lower
// case with the dot. A fresh list. Decode itself goes by the data alone.
func Extensions() []string {
	return []string{".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff"}
}

func recognise(data []byte) *format {
	for i := range formats {
		if formats[i].is(data) {
			return &formats[i]
		}
	}
	return nil
}

// begins makes a test of how data begins; '?' stands for any byte.
func begins(magic string) func([]byte) bool {
	return func(data []byte) bool {
		if len(data) < len(magic) {
			return false
		}
		for i := range len(magic) {
			if magic[i] != '?' && magic[i] != data[i] {
				return false
			}
		}
		return true
	}
}

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

// within checks a size against the limits.
func (s size) within(name string, encoded int, o Options) error {
	what := fmt.Sprintf("%s of %d x %d", name, s.width, s.height)
	// In this order the product cannot overflow.
	if int64(s.width) > o.MaxPixels || int64(s.width)*int64(s.height) > o.MaxPixels {
		return &LimitError{what, "pixels", int64(s.width) * int64(s.height), o.MaxPixels}
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

// fed is a reader for decoders: it fails once the context is done.
func fed(ctx context.Context, b []byte) *interruptible {
	return &interruptible{ctx, bytes.NewReader(b)}
}

// formatError makes one line of a decoder's error and names the format once.
func formatError(name string, err error) error {
	var known *FormatError
	if errors.As(err, &known) {
		return known
	}
	msg := strings.ReplaceAll(err.Error(), "\n", " ")
	msg = strings.TrimPrefix(msg, name+": ")
	e := &FormatError{Format: name}
	var kinds struct {
		jpeg jpeg.UnsupportedError
		bmp  bmp.UnsupportedError
		tiff tiff.UnsupportedError
	}
	e.Unsupported = errors.As(err, &kinds.jpeg) || errors.As(err, &kinds.bmp) || errors.As(err, &kinds.tiff) ||
		strings.HasPrefix(msg, "unsupported feature: ")
	msg = strings.TrimPrefix(msg, "unsupported feature: ")
	e.Msg = strings.TrimPrefix(msg, "invalid format: ")
	return e
}

func sizeJPEG(b []byte, o Options) (size, error) {
	h, err := jpeg.DecodeHeader(b)
	if err != nil {
		return size{}, err
	}
	return size{h.Width, h.Height, h.Memory(draftScale(h.Width, h.Height, o.Draft))}, nil
}

func decodeJPEG(ctx context.Context, b []byte, o Options) (image.Image, error) {
	h, err := jpeg.DecodeHeader(b)
	if err != nil {
		return nil, err
	}
	return jpeg.Decode(ctx, b, draftScale(h.Width, h.Height, o.Draft))
}

// draftScale is the largest of 1, 2, 4 and 8 by which both sides can be divided
// without falling below those of least, as Pillow's draft chooses it.
func draftScale(w, h int, least image.Point) int {
	if least.X <= 0 || least.Y <= 0 {
		return 1
	}
	for _, s := range []int{8, 4, 2} {
		if min(w/least.X, h/least.Y) >= s {
			return s
		}
	}
	return 1
}
