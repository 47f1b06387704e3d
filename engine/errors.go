package engine

import (
	"errors"
	"fmt"
)

// Sentinels for errors.Is. Every error about a model or a run wraps one of them, or
// is a weights error, an input/output error of the file, or the context's.
var (
	// ErrModel: the model's meaning is broken (an unknown operator, shapes that
	// do not chain, a permutation that is none). See [ModelError].
	ErrModel = errors.New("invalid model")
	// ErrShape: a buffer handed to Run has the wrong length. See [ShapeError].
	ErrShape = errors.New("wrong shape")
	// ErrClosed: the Model or Session was used after Close.
	ErrClosed = errors.New("used after Close")
	// ErrLimit: the model asks for more than the limits allow.
	ErrLimit = errors.New("limit exceeded")
	// ErrNoPreprocess: Classify on a model whose file does not say how a picture becomes its input.
	ErrNoPreprocess = errors.New("the model has no preprocessing")
)

// ModelError says where a model's meaning is broken: errors.Is(err, ErrModel).
type ModelError struct {
	Node string // the node's name, or "input NAME", "output NAME"
	Op   string // its operator, if it is a node
	Msg  string // got and wanted, one line
	Err  error  // what else it is, ErrLimit for instance; may be nil
}

func (e *ModelError) Error() string {
	if e.Op == "" {
		return fmt.Sprintf("%s: %s", e.Node, e.Msg)
	}
	return fmt.Sprintf("node %q (%s): %s", e.Node, e.Op, e.Msg)
}

// Unwrap makes errors.Is(err, ErrModel) true, and finds what else it is.
func (e *ModelError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrModel}
	}
	return []error{ErrModel, e.Err}
}

// ShapeError says what length or shape was got and what was wanted:
// errors.Is(err, ErrShape).
type ShapeError struct {
	What      string // "input", "output", ...
	Got, Want string
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", e.What, e.Got, e.Want)
}

// Unwrap makes errors.Is(err, ErrShape) true.
func (e *ShapeError) Unwrap() error { return ErrShape }
