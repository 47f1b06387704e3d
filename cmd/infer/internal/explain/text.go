package explain

import (
	"image"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"
)

// The font has one width, so that text can be measured by counting.
const (
	glyphWidth = 8
	baseline   = 14 // below a line's top
)

var (
	regular = inconsolata.Regular8x16
	bold    = inconsolata.Bold8x16
)

// writeLine writes text with the top left at (x, y).
func writeLine(img *image.RGBA, face font.Face, x, y int, text string) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(inkText), Face: face, Dot: fixed.P(x, y+baseline)}
	d.DrawString(text)
}

func textWidth(s string) int { return glyphWidth * len([]rune(s)) }

// keepStart cuts text at its end to a width in pixels.
func keepStart(s string, width int) string {
	r, n := []rune(s), width/glyphWidth
	if len(r) <= n {
		return s
	}
	return string(r[:max(0, n-2)]) + ".."
}

// keepEnd cuts text at its beginning.
func keepEnd(s string, width int) string {
	r, n := []rune(s), width/glyphWidth
	if len(r) <= n {
		return s
	}
	return ".." + string(r[len(r)-max(0, n-2):])
}

// wrap breaks text into lines of a width in pixels, between words.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && textWidth(line+" "+word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
