package app

import "github.com/riffle-ml/riffle/cmd/internal/terminal"

// Bar shows how much of the work is done, where standard error is a terminal.
type Bar struct {
	line  *terminal.Line
	total int
}

// Bar returns the bar for so many pieces of work. It shows nothing where there is
// nothing to wait for, or if quiet.
func (a *App) Bar(total int, quiet bool) *Bar {
	if quiet || total < 2 {
		return &Bar{}
	}
	return &Bar{terminal.NewLine(a.Stderr), total}
}

// Set shows that so many pieces are done.
func (b *Bar) Set(done int) { b.line.Bar(done, b.total) }

// Hide takes the bar away, so that a line can be printed in its place.
func (b *Bar) Hide() { b.line.Hide() }
