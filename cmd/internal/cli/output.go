package cli

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// OutputError is an error of writing standard output.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "writing the output: " + e.Err.Error() }
func (e *OutputError) Unwrap() error { return e.Err }

// Output marks errors of W, which is standard output, as [OutputError].
type Output struct{ W io.Writer }

func (o Output) Write(p []byte) (int, error) {
	n, err := o.W.Write(p)
	if err != nil {
		err = &OutputError{err}
	}
	return n, err
}

// ClosedPipe tells whether err says that the reader of standard output has
// gone, as in "infer *.jpg | head -1". It has seen enough: nothing failed.
func ClosedPipe(err error) bool {
	var out *OutputError
	return errors.As(err, &out) &&
		(errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, os.ErrClosed))
}
