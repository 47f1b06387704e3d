package cli

import (
	"errors"
	"fmt"
)

// Exit statuses of every command.
const (
	OK          = 0
	Failed      = 1   // some picture, input or measurement failed
	Usage       = 2   // wrong flags or arguments
	Model       = 3   // a model that cannot be used
	Interrupted = 130 // 128 + SIGINT, which is how shells report it
)

// Error is an error that asks for an exit status. Its text is that of Err.
type Error struct {
	Status int
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Usagef returns an error of wrong usage, formatted as by [fmt.Errorf].
func Usagef(format string, args ...any) error {
	return &Error{Usage, fmt.Errorf(format, args...)}
}

// WithStatus returns err with an exit status, or nil if err is nil.
func WithStatus(status int, err error) error {
	if err == nil {
		return nil
	}
	return &Error{status, err}
}

// Status returns the exit status that err asks for: OK for nil, and Failed for
// an error that asks for none.
func Status(err error) int {
	var e *Error
	switch {
	case err == nil:
		return OK
	case errors.As(err, &e):
		return e.Status
	}
	return Failed
}
