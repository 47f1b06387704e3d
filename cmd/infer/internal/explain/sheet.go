package explain

import (
	"image"
	"image/draw"
	"image/png"
	"io"
	"path/filepath"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// Sheet is a drawing: a row for each picture, in it a square for each layer that
// chose a permutation.
type Sheet struct {
	img   *image.RGBA
	top   int // of the first row
	rows  int
	space int // for rows
}

// Picture is a row: what was seen, what it was taken for, and what the layers chose.
type Picture struct {
	Name, Class string
	Thumbnail   image.Image // see Thumbnail
	Routes      []Route
}

// NewSheet prepares a drawing of so many pictures. routes are of any run of the model:
// they say which layers there are. A network without dynamic shuffles, and a drawing
// too large, are usage errors.
func NewSheet(model string, routes []Route, pictures int) (*Sheet, error) {
	if len(routes) == 0 {
		return nil, cli.Usagef("-explain-png: %s has no dynamic shuffle to draw", model)
	}
	width := max(minWidth, columnX(len(routes)))
	h := heading(model, routes, width)
	if most := (maxSheet/width - h.height) / rowHeight; pictures > most {
		return nil, cli.Usagef("-explain-png: got %d pictures, want at most %d, a row each", pictures, most)
	}
	s := &Sheet{image.NewRGBA(image.Rect(0, 0, width, h.height+rowHeight*pictures)), h.height, 0, pictures}
	fill(s.img, s.img.Bounds(), background)
	h.draw(s.img)
	return s, nil
}

// Add draws the next row.
func (s *Sheet) Add(p Picture) {
	if s.rows == s.space {
		return
	}
	y := s.top + s.rows*rowHeight
	s.rows++
	fill(s.img, image.Rect(0, y-gap/2, s.img.Rect.Dx(), y-gap/2+1), inkFrame)
	writeLine(s.img, bold, gap, y, pictureName(cli.Printable(p.Name)))
	at := image.Pt(gap, y+lineHeight+2)
	draw.Draw(s.img, p.Thumbnail.Bounds().Sub(p.Thumbnail.Bounds().Min).Add(at), p.Thumbnail, p.Thumbnail.Bounds().Min, draw.Over)
	writeLine(s.img, regular, gap, at.Y+thumbnail+2, keepStart(cli.Printable(p.Class), leftWidth-gap))
	for k := range p.Routes {
		x := columnX(k)
		p.Routes[k].draw(s.img, x, y)
		writeLine(s.img, regular, x, y+panel+2, keepStart(p.Routes[k].caption(), panel))
	}
}

// Empty tells whether no row was drawn.
func (s *Sheet) Empty() bool { return s.rows == 0 }

// pictureName leaves the directory out where the name would be too long.
func pictureName(name string) string {
	if textWidth(name) > leftWidth-gap {
		name = filepath.Base(name)
	}
	return keepEnd(name, leftWidth-gap)
}

// Encode writes the rows that there are as PNG.
func (s *Sheet) Encode(w io.Writer) error {
	used := image.Rect(0, 0, s.img.Rect.Dx(), s.top+s.rows*rowHeight)
	return png.Encode(w, s.img.SubImage(used))
}
