// Package fault says what went wrong with a request in terms that HTTP and gRPC share.
package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
)

// Kind is a class of failures, each with a status of its own in either protocol.
type Kind int

// The kinds. Whoever adds one gives it a line in both tables below.
const (
	Internal    Kind = iota // the server's own
	Invalid                 // the request makes no sense
	NotFound                // no such model, version, input or output
	TooLarge                // over a limit of bytes, pixels or samples
	Unsupported             // data that is no picture, or of a kind that is not decoded
	Busy                    // the model's queue is full: come back
	Unavailable             // the server drains, or a model is not loaded
	Timeout                 // the deadline passed
	Canceled                // the client went away
	Denied                  // no, or no valid, credentials
	Forbidden               // what the server was told not to do
)

// Error is a failure with its kind. Its text has got and wanted in it.
type Error struct {
	Kind       Kind
	Msg        string
	RetryAfter time.Duration // for Busy and Unavailable, when to come back; 0 is unknown
	Err        error         // what caused it, or nil
}

func (e *Error) Error() string { return e.Msg }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// longest is how many bytes of a text an answer has: a client's own megabytes, as the name
// of an input, are not sent back, and gRPC has its texts in a header.
const longest = 2000

// New returns an error of a kind, with a text as of fmt.Errorf: %w keeps the cause. What is
// too long of the text is left out.
func New(k Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	msg := err.Error()
	if len(msg) > longest {
		msg = strings.ToValidUTF8(msg[:longest], "") + " ..."
	}
	return &Error{Kind: k, Msg: msg, Err: errors.Unwrap(err)}
}

// From returns err as an *Error: itself, or what a context's error means, or Internal.
func From(err error) *Error {
	var e *Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.DeadlineExceeded):
		return New(Timeout, "the deadline passed: %w", err)
	case errors.Is(err, context.Canceled):
		return New(Canceled, "the client went away: %w", err)
	case errors.As(err, &large):
		return New(TooLarge, "the body has more than %d bytes", large.Limit)
	}
	return New(Internal, "%w", err)
}

// HTTP is the status code of a kind.
func (k Kind) HTTP() int {
	return [...]int{500, 400, 404, 413, 415, 429, 503, 504, 499, 401, 403}[k]
}

// GRPC is the code of a kind.
func (k Kind) GRPC() codes.Code {
	return [...]codes.Code{
		codes.Internal, codes.InvalidArgument, codes.NotFound, codes.InvalidArgument, codes.InvalidArgument,
		codes.ResourceExhausted, codes.Unavailable, codes.DeadlineExceeded, codes.Canceled,
		codes.Unauthenticated, codes.PermissionDenied,
	}[k]
}
