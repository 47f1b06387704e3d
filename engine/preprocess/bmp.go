package preprocess

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// isBMP asks for more than the two letters: for a header of one of the lengths that
// there are.
func isBMP(b []byte) bool {
	if len(b) < 18 || b[0] != 'B' || b[1] != 'M' {
		return false
	}
	switch binary.LittleEndian.Uint32(b[14:]) {
	case 12, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

func sizeBMP(b []byte, _ Options) (size, error) {
	c, err := bmp.DecodeConfig(fed(context.Background(), b))
	if err != nil {
		return size{}, bmpError(err, b)
	}
	// Rows are not packed: a file that is shorter than they are is not whole.
	bits := int64(1)
	if len(b) >= 30 {
		bits = int64(binary.LittleEndian.Uint16(b[28:]))
	}
	row := (int64(c.Width)*bits + 31) / 32 * 4
	if row > 0 && int64(c.Height) > int64(len(b))/row {
		return size{}, io.ErrUnexpectedEOF
	}
	return sized(c, 4), nil
}

func decodeBMP(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	img, err := bmp.Decode(fed(ctx, b))
	return img, bmpError(err, b)
}

func bmpError(err error, b []byte) error {
	if errors.Is(err, bmp.ErrUnsupported) && len(b) >= 34 {
		return &FormatError{Format: "bmp", Unsupported: true, Msg: fmt.Sprintf("got %d bits a pixel, compression %d and a header of %d bytes; want 1, 2, 4, 8, 24 or 32 bits, uncompressed",
			binary.LittleEndian.Uint16(b[28:]), binary.LittleEndian.Uint32(b[30:]), binary.LittleEndian.Uint32(b[14:]))}
	}
	return err
}

func isTIFF(b []byte) bool { return begins("II*\x00")(b) || begins("MM\x00*")(b) }

func sizeTIFF(b []byte, _ Options) (size, error) {
	c, err := tiff.DecodeConfig(fed(context.Background(), b))
	return sized(c, 8), tiffError(err)
}

func decodeTIFF(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	img, err := tiff.Decode(fed(ctx, b))
	return img, tiffError(err)
}

func tiffError(err error) error {
	var u tiff.UnsupportedError
	if errors.As(err, &u) {
		return &FormatError{Format: "tiff", Unsupported: true, Msg: string(u)}
	}
	return err
}
