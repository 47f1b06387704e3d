package preprocess

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/jpeg"
	"golang.org/x/image/webp"
)

// Defaults of [Options].
const (
	// DefaultMaxPixels is 64 Mi pixels, 8192 x 8192. Decoding takes up to 8
	// bytes a pixel, 12 for a progressive JPEG.
	DefaultMaxPixels = 64 << 20
	// DefaultMaxBytes is 256 MiB of encoded data.
	DefaultMaxBytes = 256 << 20
)

// Options limits what Decode accepts. A field of 0 means its default.
type Options struct {
	MaxPixels int64 // width times height, checked before anything is decoded
	MaxBytes  int64 // encoded size, checked while reading
}

func (o Options) withDefaults() Options {
	if o.MaxPixels <= 0 {
		o.MaxPixels = DefaultMaxPixels
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	return o
}

// format is one of the encodings that Decode knows.
type format struct {
	name   string
	magic  string // '?' stands for any byte
	config func(io.Reader) (image.Config, error)
	decode func([]byte) (image.Image, error)
	exif   func([]byte) []byte // its EXIF block, or nil
}

var formats = []format{
	{"png", "\x89PNG\r\n\x1a\n", png.DecodeConfig, reader(png.Decode), exifPNG},
	{"jpeg", "\xff\xd8", jpegConfig, decodeJPEG, exifJPEG},
	{"gif", "GIF8?a", gif.DecodeConfig, decodeGIF, nil},
	{"webp", "RIFF????WEBPVP8", webp.DecodeConfig, decodeWebP, exifWebP},
}

// Formats returns the names that Decode reports, in the order it tries them: png,
// jpeg, gif, webp. A fresh list.
func Formats() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// Decode reads one picture to the end of r and returns it upright, that is with
// its EXIF orientation applied, and the name of its format. A turned picture
// comes back as an opaque *image.NRGBA, a lossy WebP as an *image.NRGBA, the
// others as the standard library's decoders return them.
//
// Errors: a [LimitError], before the pixels are allocated; a [FormatError]; or
// what r returned. It does not panic whatever r yields. Safe for concurrent use.
func Decode(r io.Reader, o Options) (image.Image, string, error) {
	o = o.withDefaults()
	var data bytes.Buffer
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok { // a file, that can be read at once
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			data.Grow(int(min(max(info.Size(), 0), o.MaxBytes, 1<<24)) + bytes.MinRead)
		}
	}
	if _, err := data.ReadFrom(io.LimitReader(r, min(o.MaxBytes, math.MaxInt64-1)+1)); err != nil {
		return nil, "", err
	}
	if int64(data.Len()) > o.MaxBytes {
		return nil, "", &LimitError{What: "file", Unit: "bytes", Got: -1, Limit: o.MaxBytes}
	}
	return DecodeBytes(data.Bytes(), o)
}

// DecodeBytes is Decode for data that is in memory already. It keeps no
// reference to data and does not write to it.
func DecodeBytes(data []byte, o Options) (img image.Image, name string, err error) {
	o = o.withDefaults()
	if int64(len(data)) > o.MaxBytes {
		return nil, "", &LimitError{What: "file", Unit: "bytes", Got: int64(len(data)), Limit: o.MaxBytes}
	}
	f := recognise(data)
	if f == nil {
		return nil, "", &FormatError{Msg: fmt.Sprintf("got %s, want %s", describe(data), strings.Join(Formats(), ", "))}
	}
	// The decoders are not ours; one of them failing on a hostile file must not
	// take the program with it.
	defer func() {
		if p := recover(); p != nil {
			img, name, err = nil, f.name, &FormatError{f.name, fmt.Sprintf("decoder failed: %v", p)}
		}
	}()
	c, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, f.name, formatError(f.name, err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, f.name, &FormatError{f.name, fmt.Sprintf("got %d x %d pixels, want at least 1 x 1", c.Width, c.Height)}
	}
	// In this order the product cannot overflow.
	if int64(c.Width) > o.MaxPixels || int64(c.Width)*int64(c.Height) > o.MaxPixels {
		return nil, f.name, &LimitError{fmt.Sprintf("%s of %d x %d", f.name, c.Width, c.Height), "pixels",
			int64(c.Width) * int64(c.Height), o.MaxPixels}
	}
	if img, err = f.decode(data); err != nil {
		return nil, f.name, formatError(f.name, err)
	}
	if f.exif != nil {
		if turn := orientation(f.exif(data)); turn != 1 {
			if img, err = orient(img, turn); err != nil {
				return nil, f.name, err
			}
		}
	}
	return img, f.name, nil
}

func recognise(data []byte) *format {
	for i := range formats {
		if matches(formats[i].magic, data) {
			return &formats[i]
		}
	}
	return nil
}

func matches(magic string, data []byte) bool {
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

// describe says what unrecognised data begins with.
func describe(data []byte) string {
	if len(data) == 0 {
		return "no data"
	}
	return fmt.Sprintf("%d bytes that begin %q", len(data), data[:min(len(data), 8)])
}

// formatError makes one line of a decoder's error and names the format once.
func formatError(name string, err error) error {
	msg := strings.ReplaceAll(err.Error(), "\n", " ")
	msg = strings.TrimPrefix(msg, name+": ")
	return &FormatError{name, strings.TrimPrefix(msg, "invalid format: ")}
}

func reader(decode func(io.Reader) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(b []byte) (image.Image, error) { return decode(bytes.NewReader(b)) }
}

// DecodeFile is Decode of a file, with the default limits.
func DecodeFile(path string) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := Decode(f, Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

func jpegConfig(r io.Reader) (image.Config, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return image.Config{}, err
	}
	h, err := jpeg.DecodeHeader(b)
	return image.Config{Width: h.Width, Height: h.Height}, err
}

func decodeJPEG(b []byte) (image.Image, error) { return jpeg.Decode(context.Background(), b, 1) }
