package weights

import (
	"errors"
	"fmt"
)

// Sentinels for errors.Is. Every error of this package about the contents of a file or
// a model is a [FormatError] that wraps one of them.
var (
	ErrNotRFL    = errors.New("not an .rfl file")        // it begins otherwise, or is a directory
	ErrVersion   = errors.New("unknown version")         // one that this reader does not know
	ErrTruncated = errors.New("wrong length")            // shorter, or longer, than its header says
	ErrChecksum  = errors.New("checksum does not match") // damaged
	ErrLimit     = errors.New("limit exceeded")          // one that an Option sets, or a fixed one
	ErrInvalid   = errors.New("invalid contents")        // undamaged, and wrong
)

// FormatError says where a file or model is wrong, what was there and what was
// wanted.
type FormatError struct {
	Kind      error  // one of the sentinels
	Where     string // "header", "data", `node "conv1"`, `tensor "fc.weight"`, ...
	Got, Want string // for people, one line each
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%v: %s: got %s, want %s", e.Kind, e.Where, e.Got, e.Want)
}

// Unwrap makes errors.Is find the sentinel.
func (e *FormatError) Unwrap() error { return e.Kind }

func bad(kind error, where, got, want any) error {
	return &FormatError{kind, fmt.Sprint(where), fmt.Sprint(got), fmt.Sprint(want)}
}

// place is where in a file something is. It becomes text only when an error names it:
// most places of most files are right, and text for all of them would cost time.
type place struct {
	what, name string
	index      int // in place of a name if not negative
	part       string
}

func named(what, name string) place { return place{what, name, -1, ""} }

func numbered(what string, index int) place { return place{what, "", index, ""} }

// of is a part of what is at p.
func (p place) of(part string) place {
	p.part = part
	return p
}

func (p place) String() string {
	if p.index >= 0 {
		return fmt.Sprintf("%s %d%s", p.what, p.index, p.part)
	}
	return fmt.Sprintf("%s %q%s", p.what, p.name, p.part)
}
