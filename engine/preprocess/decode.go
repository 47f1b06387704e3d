package preprocess

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
)

// Decode is [DecodeContext] without a context.
func Decode(r io.Reader, o Options) (image.Image, string, error) {
	return DecodeContext(context.Background(), r, o)
}

// DecodeBytes is [DecodeBytesContext] without a context.
func DecodeBytes(data []byte, o Options) (image.Image, string, error) {
	return DecodeBytesContext(context.Background(), data, o)
}

// DecodeContext reads one picture to the end of r and returns it upright, that is
// with its EXIF orientation applied, and the name of its format. A turned picture
// comes back as an opaque *image.NRGBA, a lossy WebP as an *image.NRGBA, a GIF as an
// *image.Paletted, a JPEG as an *image.YCbCr, *image.Gray, *image.RGBA or
// *image.CMYK, the others as the decoders of the standard library and
// golang.org/x/image return them.
//
// The context is looked at between reads from r and while the picture is decoded,
// every few milliseconds of work; lossy WebPs and TIFFs, at most about half a second's
// work, are the exception.
//
// Errors: a [LimitError], before the pixels are allocated; a [FormatError]; the
// context's; or what r returned. It does not panic whatever r yields. Safe for
// concurrent use.
func DecodeContext(ctx context.Context, r io.Reader, o Options) (image.Image, string, error) {
	o = o.withDefaults()
	var data bytes.Buffer
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok { // a file, that can be read at once
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			data.Grow(int(min(max(info.Size(), 0), o.MaxBytes, 1<<24)) + bytes.MinRead)
		}
	}
	limited := io.LimitReader(&interruptible{ctx, r}, min(o.MaxBytes, math.MaxInt64-1)+1)
	if _, err := data.ReadFrom(limited); err != nil {
		return nil, "", err
	}
	if int64(data.Len()) > o.MaxBytes {
		return nil, "", &LimitError{What: "file", Unit: "bytes", Got: -1, Limit: o.MaxBytes}
	}
	return DecodeBytesContext(ctx, data.Bytes(), o)
}

// DecodeBytesContext is DecodeContext for data that is in memory already. It keeps no
// reference to data and does not write to it.
func DecodeBytesContext(ctx context.Context, data []byte, o Options) (img image.Image, name string, err error) {
	o = o.withDefaults()
	if int64(len(data)) > o.MaxBytes {
		return nil, "", &LimitError{What: "file", Unit: "bytes", Got: int64(len(data)), Limit: o.MaxBytes}
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	f := recognise(data)
	if f == nil {
		return nil, "", unrecognised(data)
	}
	// Not all decoders are ours; one of them failing on a hostile file must not
	// take the program with it.
	defer func() {
		if p := recover(); p != nil {
			img, name, err = nil, f.name, &FormatError{Format: f.name, Msg: fmt.Sprintf("decoder failed: %v", p)}
		}
	}()
	c, err := f.config(data, o)
	if err != nil {
		return nil, f.name, formatError(f.name, err)
	}
	if c.width <= 0 || c.height <= 0 {
		return nil, f.name, &FormatError{Format: f.name, Msg: fmt.Sprintf("got %d x %d pixels, want at least 1 x 1", c.width, c.height)}
	}
	turn := 1
	if f.orientation != nil {
		if turn = f.orientation(data); turn != 1 {
			c = c.turned()
		}
	}
	if err := c.within(f.name, len(data), o); err != nil {
		return nil, f.name, err
	}
	if img, err = f.decode(ctx, data, o); err == nil {
		img, err = orient(ctx, img, turn)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		} else {
			err = formatError(f.name, err)
		}
		return nil, f.name, err
	}
	return img, f.name, nil
}

// DecodeFile is Decode of a file, with the default limits.
func DecodeFile(path string) (image.Image, error) {
	return DecodeFileContext(context.Background(), path, Options{})
}

// DecodeFileContext is DecodeContext of a file.
func DecodeFileContext(ctx context.Context, path string, o Options) (image.Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := DecodeContext(ctx, f, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}
