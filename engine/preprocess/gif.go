package preprocess

import (
	"context"
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/gif"
)

func sizeGIF(b []byte, _ Options) (size, error) {
	f, err := gif.Read(b)
	if err != nil {
		return size{}, err
	}
	return sized(image.Config{Width: f.Screen.Dx(), Height: f.Screen.Dy()}, 1), nil
}

// decodeGIF returns the first frame on its whole screen, as viewers and Pillow
// show it.
func decodeGIF(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	f, err := gif.Read(b)
	if err != nil {
		return nil, err
	}
	return f.Decode(ctx)
}
