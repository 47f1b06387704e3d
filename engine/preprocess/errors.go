package preprocess

import (
	"errors"
	"fmt"
)

// Sentinels for errors.Is. Every error of this package but those of the reader
// given to Decode wraps one of them.
var (
	// ErrFormat: the data is no picture of a format that [Formats] lists, or a broken
	// one, or one that is not supported. See [FormatError].
	ErrFormat = errors.New("not a picture")
	// ErrUnsupported: the data is, as far as it was looked at, well-formed, but of a
	// format or a kind that this package does not decode. Such an error is an
	// ErrFormat, too.
	ErrUnsupported = errors.New("unsupported picture")
	// ErrLimit: the data or the picture is larger than the options allow. See [LimitError].
	ErrLimit = errors.New("limit exceeded")
	// ErrImage: an image.Image that is nil, has no pixels, or whose buffers are
	// shorter than its size says.
	ErrImage = errors.New("invalid image")
	// ErrSpec: a weights.Preprocess that cannot be carried out.
	ErrSpec = errors.New("invalid preprocessing")
	// ErrShape: the destination has the wrong length. Its text has got and want.
	ErrShape = errors.New("wrong shape")
)

// FormatError says why data could not be decoded: errors.Is(err, ErrFormat).
type FormatError struct {
	Format string // one of [Formats], or "" if none was recognised
	Msg    string // one line
	// Unsupported: the data is not broken. errors.Is(err, ErrUnsupported) then.
	Unsupported bool
}

func (e *FormatError) Error() string {
	switch {
	case e.Format == "" && e.Unsupported:
		return "unsupported: " + e.Msg
	case e.Format == "":
		return "not a picture: " + e.Msg
	case e.Unsupported:
		return "unsupported " + e.Format + ": " + e.Msg
	}
	return "broken " + e.Format + ": " + e.Msg
}

// Is makes errors.Is(err, ErrFormat) true, and errors.Is(err, ErrUnsupported) where
// Unsupported is.
func (e *FormatError) Is(target error) bool {
	return target == ErrFormat || e.Unsupported && target == ErrUnsupported
}

// Unwrap returns ErrFormat.
func (e *FormatError) Unwrap() error { return ErrFormat }

// LimitError says which limit was exceeded: errors.Is(err, ErrLimit).
type LimitError struct {
	What  string // "file", or the picture: "png of 128 x 128"
	Unit  string // "pixels", "rows", "bytes", "bytes of memory"
	Got   int64  // -1: more than Limit, not known how much
	Limit int64
}

func (e *LimitError) Error() string {
	if e.Got < 0 {
		return fmt.Sprintf("%s: got more than %d %s, want at most %d", e.What, e.Limit, e.Unit, e.Limit)
	}
	return fmt.Sprintf("%s: got %d %s, want at most %d", e.What, e.Got, e.Unit, e.Limit)
}

// Unwrap makes errors.Is(err, ErrLimit) true.
func (e *LimitError) Unwrap() error { return ErrLimit }

// wrapped is a one-line message under a sentinel.
type wrapped struct {
	msg  string
	kind error
}

func (e *wrapped) Error() string { return e.msg }
func (e *wrapped) Unwrap() error { return e.kind }

func errf(kind error, format string, args ...any) error {
	return &wrapped{kind.Error() + ": " + fmt.Sprintf(format, args...), kind}
}
