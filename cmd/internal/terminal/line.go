package terminal

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// Line is the last line of a terminal, written over and over to show what a
// command is doing. A nil Line shows nothing. It is for one goroutine at a time.
type Line struct {
	w      io.Writer
	width  int // columns
	colour bool
	begin  time.Time // of the bar
	drawn  time.Time // when the bar was drawn last
	shown  bool
}

// NewLine returns a line on w, or nil if w is no terminal. The bar is coloured
// unless the environment variable NO_COLOR is set.
func NewLine(w io.Writer) *Line {
	width, ok := Width(w)
	if !ok {
		return nil
	}
	return &Line{w: w, width: width, colour: os.Getenv("NO_COLOR") == ""}
}

// Say shows a text, cut to the terminal's width.
func (l *Line) Say(text string) {
	if l == nil {
		return
	}
	if r := []rune(text); len(r) >= l.width {
		text = string(r[:l.width-1])
	}
	l.draw(text)
}

// Bar shows that done of total are done, at most ten times a second. The rate
// and the time that is left are counted from the first call.
func (l *Line) Bar(done, total int) {
	if l == nil {
		return
	}
	now := time.Now()
	if now.Sub(l.drawn) < 100*time.Millisecond {
		return
	}
	if l.begin.IsZero() {
		l.begin = now
	}
	l.drawn = now
	l.draw(bar(done, total, now.Sub(l.begin), l.width, l.colour))
}

// Hide clears the line, so that something else can be printed in its place.
// The next Say or Bar shows it again.
func (l *Line) Hide() {
	if l == nil || !l.shown {
		return
	}
	l.shown, l.drawn = false, time.Time{}
	fmt.Fprint(l.w, "\r\x1b[K")
}

func (l *Line) draw(text string) {
	l.shown = true
	fmt.Fprint(l.w, "\r"+text+"\x1b[K")
}

// bar is a bar of at most 40 cells with numbers behind it, shorter than width
// columns. Only the numbers are shown where there is no room for both.
func bar(done, total int, since time.Duration, width int, colour bool) string {
	rate := 0.0
	if s := since.Seconds(); s > 0 {
		rate = float64(done) / s
	}
	left := ""
	if rate > 0 {
		s := int(float64(total-done)/rate + 0.5)
		left = fmt.Sprintf("  %d:%02d left", s/60, s%60)
	}
	text := fmt.Sprintf(" %d/%d", done, total)
	if rate >= 1 {
		text += fmt.Sprintf("  %.0f/s", rate)
	}
	text += left
	cells := min(width-1-len(text), 40)
	if cells < 8 {
		return text[:min(len(text), width-1)]
	}
	full := cells * done / max(total, 1)
	on, off := strings.Repeat("━", full), strings.Repeat("─", cells-full)
	if colour {
		on, off = "\x1b[36m"+on+"\x1b[0m", "\x1b[2m"+off+"\x1b[0m"
	}
	return on + off + text
}
