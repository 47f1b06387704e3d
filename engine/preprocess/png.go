package preprocess

import (
	"context"
	"image"
	stdpng "image/png"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/png"
)

func sizePNG(b []byte, _ Options) (size, error) {
	h, err := png.ReadHeader(b)
	if err != nil {
		return size{}, err
	}
	transparent := false
	png.Chunks(b, func(c png.Chunk) bool {
		transparent = transparent || c.Kind == "tRNS"
		return c.Kind != "IDAT"
	})
	s := size{width: h.Width, height: h.Height}
	if int64(s.width) <= DefaultMaxMemory*8 && int64(s.height) <= DefaultMaxMemory*8 {
		s.memory = h.Memory(transparent)
	}
	return s, nil
}

// maxAgain is how many bytes of pixels, and of rows counted as 8 bytes each, a PNG may
// have to be decoded a second time.
const maxAgain = 1 << 26

// decodePNG decodes a PNG. One whose wrapping is not sound, or that the standard
// library refuses, is decoded without what is not needed for its pixels, which is what
// PNGs are refused for most.
func decodePNG(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	h, err := png.ReadHeader(b)
	if err != nil {
		return nil, err
	}
	if png.Sound(b) {
		img, err := stdpng.Decode(fed(ctx, b))
		if err == nil || ctx.Err() != nil || h.Raw() > maxAgain || 8*int64(h.Height) > maxAgain {
			return img, err
		}
	}
	img, err := stdpng.Decode(&interruptible{ctx, png.Mend(b, h)})
	if err == nil {
		return img, nil
	}
	// What is wrong with the file says more than what is wrong with what was made of it.
	if _, first := stdpng.DecodeConfig(fed(ctx, b)); first != nil {
		err = first
	}
	return nil, err
}
