package explain

import (
	"fmt"
	"image"
)

// draw puts the permutation's matrix at (x, y): a row for each output channel, a
// column for each input channel, from the top left. What is faint comes first, what
// was chosen on top.
func (r *Route) draw(img *image.RGBA, x, y int) {
	frame := image.Rect(x, y, x+panel, y+panel)
	fill(img, frame.Inset(-1), inkFrame)
	fill(img, frame, background)
	chosen, expected := r.chosen.Channels(), r.expected()
	for row, column := range r.static() {
		fill(img, r.dot(row, column).Add(frame.Min), inkStatic)
	}
	if r.usual != nil {
		for row, column := range expected {
			fill(img, r.dot(row, column).Add(frame.Min), inkUsual)
		}
	}
	for row, column := range chosen {
		if column == expected[row] {
			fill(img, r.dot(row, column).Add(frame.Min), inkSame)
		}
	}
	for row, column := range chosen { // the rarer ones must not be covered
		if column != expected[row] {
			fill(img, r.dot(row, column).Add(frame.Min), inkOther)
		}
	}
}

func (r *Route) static() []int {
	s := r.chosen.Static()
	return s.Channels()
}

// expected is what the choice is compared with: the usual permutation, or the static
// shuffle where the model file does not say what is usual.
func (r *Route) expected() []int {
	if r.usual != nil {
		return r.usual.Channels()
	}
	return r.static()
}

// dot is a matrix element in a panel, two pixels wide at least. Where a layer has more
// channels than that has room for, dots touch and overlap.
func (r *Route) dot(row, column int) image.Rectangle {
	side := max(2, panel/r.Channels)
	at := func(channel int) int { return min(channel*panel/r.Channels, panel-side) }
	return image.Rect(0, 0, side, side).Add(image.Pt(at(column), at(row)))
}

// caption counts the red dots.
func (r *Route) caption() string {
	n, none := r.Static, "all as fixed"
	if r.Usual != nil {
		n, none = *r.Usual, "all as usual"
	}
	if n == 0 {
		return none
	}
	return fmt.Sprintf("%d of %d differ", n, r.Channels)
}
