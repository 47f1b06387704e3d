package cli

import (
	"fmt"
	"strings"
)

// OneLine is the text of err as one printable line.
func OneLine(err error) string { return Printable(err.Error()) }

// Printable returns s without control characters. The name of a file or a
// model's label could use them to overwrite what stands on the terminal. Line
// ends and tabs become blanks, every other control character an escape (\x1b).
func Printable(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case isControl(r):
			fmt.Fprintf(&b, "\\x%02x", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7F && r < 0xA0 }
