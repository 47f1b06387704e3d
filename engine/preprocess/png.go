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

// decodePNG decodes a PNG. One that the standard library refuses is tried again
// without what is not needed for its pixels, which is what it is refused for most.
func decodePNG(ctx context.Context, b []byte, _ Options) (image.Image, error) {
	img, err := stdpng.Decode(fed(ctx, b))
	if err == nil || ctx.Err() != nil {
		return img, err
	}
	h, bad := png.ReadHeader(b)
	if bad != nil {
		return nil, bad
	}
	img, again := stdpng.Decode(&interruptible{ctx, png.Mend(b, h)})
	if again != nil {
		return nil, err // the first error says more
	}
	return img, nil
}
