package main

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// routed is a picture whose routes are drawn.
type routed struct {
	name   string
	routes []route
}

const (
	panelSide = 240 // wanted, in pixels; a matrix is drawn in whole pixels a channel, two at least
	gap       = 12
	lineSize  = 16
	// maxSheet bounds the drawing, in pixels.
	maxSheet = 1 << 28
)

var (
	inkText    = color.RGBA{40, 40, 40, 255}
	inkStatic  = color.RGBA{222, 222, 222, 255}
	inkUsual   = color.RGBA{150, 190, 230, 255}
	inkSame    = color.RGBA{60, 90, 130, 255} // chosen, as usual
	inkOther   = color.RGBA{214, 50, 40, 255} // chosen, not as usual
	inkFrame   = color.RGBA{180, 180, 180, 255}
	background = color.RGBA{255, 255, 255, 255}
)

// drawRoutes writes a PNG: a row of permutation matrices for each picture, one
// a layer, row = output channel, column = input channel, the origin at the top left.
func drawRoutes(w io.Writer, pictures []routed) error {
	if len(pictures) == 0 || len(pictures[0].routes) == 0 {
		return usagef("-explain-png: this network has no dynamic shuffle to draw")
	}
	var x []int // where each layer's panel begins
	width, side := gap, 0
	for _, r := range pictures[0].routes {
		x = append(x, width)
		s := r.cell() * r.Channels
		width += s + 2 + gap
		side = max(side, s+2)
	}
	width = max(width, 620)
	row := side + 3*lineSize + gap
	height := 2*lineSize + gap + row*len(pictures)
	if width*height > maxSheet {
		return usagef("-explain-png: %d pictures make a drawing of %d x %d pixels, more than %d in all; give fewer", len(pictures), width, height, maxSheet)
	}
	sheet := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(sheet, sheet.Bounds(), image.NewUniform(background), image.Point{}, draw.Src)
	legend(sheet, gap, lineSize+4)
	for i, p := range pictures {
		y := 2*lineSize + gap + i*row
		label(sheet, gap, y+lineSize-4, printable(p.name), width-2*gap)
		for k, r := range p.routes {
			end := width
			if k+1 < len(x) {
				end = x[k+1]
			}
			label(sheet, x[k], y+2*lineSize-4, lastPart(printable(r.Node)), end-x[k]-4)
			r.draw(sheet, x[k], y+2*lineSize)
		}
	}
	return png.Encode(w, sheet)
}

func (r *route) cell() int { return max(2, panelSide/r.Channels) }

// draw puts the matrix at (x, y): what is faint first, what was chosen on top.
func (r *route) draw(sheet *image.RGBA, x, y int) {
	cell := r.cell()
	frame(sheet, image.Rect(x, y, x+cell*r.Channels+2, y+cell*r.Channels+2))
	dot := func(row, column int, c color.RGBA) {
		at := image.Rect(0, 0, cell, cell).Add(image.Pt(x+1+cell*column, y+1+cell*row))
		draw.Draw(sheet, at, image.NewUniform(c), image.Point{}, draw.Src)
	}
	static := r.chosen.Static()
	chosen, usual := r.chosen.Channels(), static.Channels()
	for row, column := range usual {
		dot(row, column, inkStatic)
	}
	if r.usual != nil {
		usual = r.usual.Channels()
		for row, column := range usual {
			dot(row, column, inkUsual)
		}
	}
	for row, column := range chosen {
		if column == usual[row] {
			dot(row, column, inkSame)
		} else {
			dot(row, column, inkOther)
		}
	}
}

func frame(sheet *image.RGBA, r image.Rectangle) {
	draw.Draw(sheet, r, image.NewUniform(inkFrame), image.Point{}, draw.Src)
	draw.Draw(sheet, r.Inset(1), image.NewUniform(background), image.Point{}, draw.Src)
}

// legend says what the colours are.
func legend(sheet *image.RGBA, x, y int) {
	for _, e := range []struct {
		c    color.RGBA
		text string
	}{{inkSame, "chosen, as usual"}, {inkOther, "chosen, not as usual"}, {inkUsual, "usual"}, {inkStatic, "static shuffle"}} {
		draw.Draw(sheet, image.Rect(x, y-9, x+9, y), image.NewUniform(e.c), image.Point{}, draw.Src)
		x = label(sheet, x+13, y, e.text, 1<<20) + 18
	}
	label(sheet, x, y, "row: output channel, column: input", 1<<20)
}

// label writes text on the line y, cut to a width, and returns where it ends.
func label(sheet *image.RGBA, x, y int, text string, width int) int {
	face := basicfont.Face7x13
	if n := width / face.Advance; len(text) > max(0, n) {
		text = text[:max(0, n)]
	}
	d := font.Drawer{Dst: sheet, Src: image.NewUniform(inkText), Face: face, Dot: fixed.P(x, y)}
	d.DrawString(text)
	return d.Dot.X.Ceil()
}

// lastPart shortens a node's path: "/stage2/stage2.0/shuffle/DynamicShuffle" to
// "stage2.0/shuffle".
func lastPart(name string) string {
	parts := strings.Split(strings.Trim(name, "/"), "/")
	if n := len(parts); n > 1 {
		parts = parts[max(0, n-3) : n-1] // without the operator
	}
	return strings.Join(parts, "/")
}
