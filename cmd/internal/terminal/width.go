// Package terminal is what riffle's commands show on a terminal while they
// work: one line that is written over and over, with a text or a bar. Where
// there is no terminal, nothing is shown.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Width returns how many columns w has, if it is a terminal that can move its
// cursor; ok is false for a file, a pipe, or TERM=dumb.
func Width(w io.Writer) (columns int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return 0, false
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 20 {
		columns = 80 // a serial line says 0
	}
	return columns, true
}
