package weights

import (
	"errors"
	"fmt"
)

// Sentinels for errors.Is. Every error of this package about a file's contents
// is a [FormatError] that wraps one of them.
var (
	ErrNotRFL    = errors.New("not an .rfl file")
	ErrVersion   = errors.New("unknown version")
	ErrTruncated = errors.New("wrong length")
	ErrChecksum  = errors.New("checksum does not match")
	ErrLimit     = errors.New("limit exceeded")
	ErrInvalid   = errors.New("invalid contents")
)

// FormatError says where a file or model is wrong, what was there and what was
// wanted.
type FormatError struct {
	Kind      error  // one of the sentinels
	Where     string // "header", "data", `node "conv1"`, `tensor "fc.weight"`, ...
	Got, Want string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%v: %s: got %s, want %s", e.Kind, e.Where, e.Got, e.Want)
}

// Unwrap makes errors.Is find the sentinel.
func (e *FormatError) Unwrap() error { return e.Kind }

func bad(kind error, where string, got, want any) error {
	return &FormatError{kind, where, fmt.Sprint(got), fmt.Sprint(want)}
}
