package explain

import (
	"image"

	"golang.org/x/image/draw"
)

// thumbnail is the longer side of a picture in the drawing.
const thumbnail = 104

// Thumbnail makes a picture small. It costs what the result costs, and not what the
// picture's pixels would: first a coarse choice of pixels, then a good scaling.
func Thumbnail(img image.Image) *image.RGBA {
	if size := img.Bounds().Size(); max(size.X, size.Y) > 4*thumbnail {
		img = scale(img, 4*thumbnail, draw.ApproxBiLinear)
	}
	if size := img.Bounds().Size(); max(size.X, size.Y) > thumbnail {
		return scale(img, thumbnail, draw.BiLinear)
	}
	return scale(img, thumbnail, draw.NearestNeighbor) // the pixels of a small picture are to be seen
}

// scale makes the longer side of img that long.
func scale(img image.Image, longer int, by draw.Scaler) *image.RGBA {
	b := img.Bounds()
	w, h := longer, longer
	if b.Dx() > b.Dy() {
		h = max(1, longer*b.Dy()/b.Dx())
	} else {
		w = max(1, longer*b.Dx()/b.Dy())
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	by.Scale(out, out.Bounds(), img, b, draw.Src, nil)
	return out
}
