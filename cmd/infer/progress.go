package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress is a bar on a terminal's last line. A nil one does nothing.
type progress struct {
	w      io.Writer
	width  int
	colour bool
	total  int
	begin  time.Time
	drawn  time.Time
	shown  bool
}

// newProgress returns nil unless w is a terminal and there is something to wait for.
func newProgress(w io.Writer, total int, quiet bool) *progress {
	f, ok := w.(*os.File)
	if quiet || total < 2 || !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return &progress{w: w, width: width, colour: os.Getenv("NO_COLOR") == "", total: total, begin: time.Now()}
}

// set shows that done are done, ten times a second at most.
func (p *progress) set(done int) {
	if p == nil {
		return
	}
	now := time.Now()
	if now.Sub(p.drawn) < 100*time.Millisecond {
		return
	}
	p.drawn, p.shown = now, true
	fmt.Fprint(p.w, "\r"+p.line(done, now.Sub(p.begin))+"\x1b[K")
}

// line is the bar, shorter than the terminal is wide.
func (p *progress) line(done int, since time.Duration) string {
	rate := 0.0
	if s := since.Seconds(); s > 0 {
		rate = float64(done) / s
	}
	left := ""
	if rate > 0 {
		s := int(float64(p.total-done)/rate + 0.5)
		left = fmt.Sprintf("  %d:%02d left", s/60, s%60)
	}
	text := fmt.Sprintf(" %d/%d  %.0f/s%s", done, p.total, rate, left)
	cells := min(p.width-1-len(text), 40)
	if cells < 8 {
		return text[:min(len(text), p.width-1)]
	}
	full := cells * done / max(p.total, 1)
	bar := strings.Repeat("━", full)
	rest := strings.Repeat("─", cells-full)
	if p.colour {
		bar, rest = "\x1b[36m"+bar+"\x1b[0m", "\x1b[2m"+rest+"\x1b[0m"
	}
	return bar + rest + text
}

// hide takes the bar away, so that a line can be printed in its place.
func (p *progress) hide() {
	if p == nil || !p.shown {
		return
	}
	p.shown, p.drawn = false, time.Time{}
	fmt.Fprint(p.w, "\r\x1b[K")
}
