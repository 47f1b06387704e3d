package explain

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// headingText is what stands above the rows, before the wrapping.
type headingText struct {
	title   string
	lines   []string
	colours []colour
	routes  []Route
	height  int
}

// maxText is how wide text becomes, in pixels: longer lines are hard to read.
const maxText = 1200

// paragraph is the space between the parts of the heading.
const paragraph = 5

type colour struct {
	ink  color.RGBA
	text string
}

// heading explains the drawing to somebody who sees such a one for the first time.
func heading(model string, routes []Route, width int) *headingText {
	h := &headingText{title: keepStart("Channel shuffles chosen by "+cli.Printable(model), width-2*gap), routes: routes}
	usual := routes[0].usual != nil
	text := "In a dynamic shuffle, a layer of the network chooses the order of its channels anew for each picture. " +
		"Each square below is what one layer chose for one picture. Its rows are the layer's outgoing channels and its " +
		"columns the incoming ones: a dot says that the channel of its row is taken from the channel of its column. " +
		"The network runs from left to right. "
	if usual {
		h.colours = []colour{
			{inkSame, "chosen, and the layer's usual choice"}, {inkOther, "chosen, and not the usual choice"},
			{inkUsual, "usual choice, not taken"}, {inkStatic, "fixed shuffle of a plain ShuffleNet, not taken"},
		}
		text += "The usual choice is the one that the layer made most often in training. The line below a square counts its red dots."
	} else {
		h.colours = []colour{
			{inkSame, "chosen, and as in the fixed shuffle"}, {inkOther, "chosen, and not as in the fixed shuffle"},
			{inkStatic, "fixed shuffle of a plain ShuffleNet, not taken"},
		}
		text += "The line below a square counts its red dots."
	}
	h.lines = wrap(text, min(width, maxText)-2*gap)
	lines := 1 + len(h.lines) + h.colourLines(width)
	h.height = gap + lines*lineHeight + 2*paragraph + gap + 2*lineHeight + gap
	return h
}

func (h *headingText) draw(img *image.RGBA) {
	y := gap
	writeLine(img, bold, gap, y, h.title)
	y += paragraph
	for _, line := range h.lines {
		y += lineHeight
		writeLine(img, regular, gap, y, line)
	}
	y += lineHeight + paragraph
	h.placeColours(img.Rect.Dx(), func(c colour, x, line int) {
		at := y + line*lineHeight
		fill(img, image.Rect(x, at+3, x+10, at+13), c.ink)
		writeLine(img, regular, x+16, at, c.text)
	})
	y = h.height - gap - 2*lineHeight
	writeLine(img, bold, gap, y, "picture")
	for k, r := range h.routes {
		writeLine(img, bold, columnX(k), y, keepEnd(layerName(cli.Printable(r.Node)), panel))
		writeLine(img, regular, columnX(k), y+lineHeight, fmt.Sprintf("%d channels", r.Channels))
	}
}

// placeColours lays the colours out, from left to right and then in the next line.
func (h *headingText) placeColours(width int, place func(c colour, x, line int)) {
	x, line := gap, 0
	for _, c := range h.colours {
		w := 16 + textWidth(c.text) + 2*gap
		if x > gap && x+w > width {
			x, line = gap, line+1
		}
		place(c, x, line)
		x += w
	}
}

func (h *headingText) colourLines(width int) int {
	lines := 0
	h.placeColours(width, func(_ colour, _, line int) { lines = line + 1 })
	return lines
}

// layerName shortens a node's path: "/stage2/stage2.0/shuffle/DynamicShuffle" to
// "stage2.0/shuffle".
func layerName(name string) string {
	parts := strings.Split(strings.Trim(name, "/"), "/")
	if n := len(parts); n > 1 {
		parts = parts[max(0, n-3) : n-1] // without the operator
	}
	return strings.Join(parts, "/")
}
