package preprocess

import (
	"context"
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/bmp"
)

func sizeBMP(b []byte, _ Options) (size, error) {
	h, err := bmp.ReadHeader(b)
	if err != nil {
		return size{}, err
	}
	return size{h.Width, h.Height, h.Memory()}, nil
}

func decodeBMP(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	return bmp.Decode(ctx, b)
}
