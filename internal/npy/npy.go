// Package npy reads and writes NumPy's file of one array, .npy, piece by piece.
//
// The form is that of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html:
// a mark of 6 bytes, a version of 2, the length of a header, the header (a Python
// dictionary as text: element type, order, shape), and the elements.
//
// It knows arrays of numbers. It must not know networks.
package npy

import (
	"errors"
	"fmt"
)

// ErrFormat is wrapped by every error about a file that is none, or one that this
// package does not read.
var ErrFormat = errors.New("not a readable .npy file")

func errf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

const mark = "\x93NUMPY"
