package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/term"
)

// progress is a terminal's last line. A nil one does nothing.
type progress struct {
	w     io.Writer
	width int
	begin time.Time // of the rounds
	drawn time.Time
}

// newProgress returns nil unless w is a terminal.
func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return &progress{w: w, width: width}
}

func (p *progress) say(text string) {
	if p == nil {
		return
	}
	if r := []rune(text); len(r) >= p.width {
		text = string(r[:p.width-1])
	}
	fmt.Fprint(p.w, "\r"+text+"\x1b[K")
}

// set shows that done of total turns are done.
func (p *progress) set(done, total int) {
	if p == nil || time.Since(p.drawn) < 100*time.Millisecond {
		return
	}
	p.drawn = time.Now()
	if p.begin.IsZero() {
		p.begin = p.drawn
	}
	left := ""
	if done > 0 {
		d := p.drawn.Sub(p.begin) * time.Duration(total-done) / time.Duration(done)
		left = fmt.Sprintf(", %v left", d.Round(time.Second))
	}
	p.say(fmt.Sprintf("measuring: %d %%%s", 100*done/max(1, total), left))
}

// hide clears the line.
func (p *progress) hide() {
	if p != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
