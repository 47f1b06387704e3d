package preprocess

import (
	"context"
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/jpeg"
)

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
