package explain

import (
	"image"
	"image/color"
	"image/draw"
)

// Sizes in pixels. Ten rows and the heading stay below 2,000.
const (
	panel      = 144 // side of a layer's square
	gap        = 12
	lineHeight = 18
	leftWidth  = 176                      // of the picture's column
	rowHeight  = panel + lineHeight + gap // a square, the line below it
	minWidth   = 1000                     // for the legend
	// maxSheet bounds the drawing: 64 Mi pixels are 256 MiB.
	maxSheet = 1 << 26
)

// columnX is the left edge of a layer's square.
func columnX(layer int) int { return gap + leftWidth + layer*(panel+gap) }

// Colours. Blue and red can be told apart by those who do not see green.
var (
	inkText    = color.RGBA{30, 30, 30, 255}
	inkStatic  = color.RGBA{215, 215, 215, 255}
	inkUsual   = color.RGBA{140, 190, 235, 255}
	inkSame    = color.RGBA{35, 80, 140, 255} // chosen, as usual
	inkOther   = color.RGBA{214, 60, 30, 255} // chosen, not as usual
	inkFrame   = color.RGBA{190, 190, 190, 255}
	background = color.RGBA{255, 255, 255, 255}
)

// fill paints a rectangle.
func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}
