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

func decodeTIFF(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	return tiff.Decode(fed(ctx, b))
}
