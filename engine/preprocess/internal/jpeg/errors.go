package jpeg

import "fmt"

// FormatError says what is broken in a file. One line.
type FormatError string

func (e FormatError) Error() string { return string(e) }

// UnsupportedError says which kind of JPEG a well-formed file is, where this
// package does not decode that kind.
type UnsupportedError string

func (e UnsupportedError) Error() string { return string(e) }

func broken(format string, args ...any) error { return FormatError(fmt.Sprintf(format, args...)) }

func unsupported(format string, args ...any) error {
	return UnsupportedError(fmt.Sprintf(format, args...))
}

var errShort = FormatError("the data ends before the picture does")
