package preprocess

import (
	"context"
	"image"

	"golang.org/x/image/tiff"
)

func isTIFF(b []byte) bool { return begins("II*\x00")(b) || begins("MM\x00*")(b) }

func sizeTIFF(b []byte, _ Options) (size, error) {
	c, err := tiff.DecodeConfig(fed(context.Background(), b))
	return sized(c, 8), err
}

// decodeTIFF decodes a TIFF. The decoder takes no notice of whether a fax's 0 means
// black or white, and libtiff does: such a page is inverted here.
func decodeTIFF(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	img, err := tiff.Decode(fed(ctx, b))
	if err != nil {
		return nil, err
	}
	const compression, photometric, blackIsZero = 259, 262, 1
	fax, _ := tag(b, compression)
	meaning, _ := tag(b, photometric)
	if m, ok := img.(*image.Gray); ok && (fax == 3 || fax == 4) && meaning == blackIsZero {
		for i, v := range m.Pix {
			m.Pix[i] = ^v
		}
	}
	return img, nil
}
