package preprocess

import (
	"context"
	"image"

	"github.com/riffle-ml/riffle/engine/preprocess/internal/bmp"
)

// format is one of the encodings that Decode knows.
type format struct {
	name        string
	is          func([]byte) bool
	config      func([]byte, Options) (size, error)
	decode      func(context.Context, []byte, Options) (image.Image, error)
	orientation func([]byte) int // 1 to 8 of EXIF; nil: the format has none
}

// formats in the order in which they are tried.
var formats = []format{
	{"png", begins("\x89PNG\r\n\x1a\n"), sizePNG, decodePNG, orientationPNG},
	{"jpeg", begins("\xff\xd8"), sizeJPEG, decodeJPEG, orientationJPEG},
	{"gif", begins("GIF8?a"), sizeGIF, decodeGIF, nil},
	{"webp", begins("RIFF????WEBPVP8"), sizeWebP, decodeWebP, orientationWebP},
	{"bmp", bmp.Is, sizeBMP, decodeBMP, nil},
	{"tiff", isTIFF, sizeTIFF, decodeTIFF, orientation},
}

// Formats returns the names that Decode reports, in the order it tries them: png,
// jpeg, gif, webp, bmp, tiff. A fresh list.
func Formats() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].name
	}
	return names
}

// Extensions returns how names of files usually end that Decode reads, in lower
// case with the dot. A fresh list. Decode itself goes by the data alone.
func Extensions() []string {
	return []string{".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff"}
}

func recognise(data []byte) *format {
	for i := range formats {
		if formats[i].is(data) {
			return &formats[i]
		}
	}
	return nil
}
