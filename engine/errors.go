package engine

import (
	"errors"
	"fmt"
)

// Sentinels for errors.Is. Every error of this package wraps one of them, or is a
// [weights.FormatError], an error of package preprocess about a picture, an
// input/output error of the file, or the context's.
var (
	// ErrModel: the model's meaning is broken (an unknown operator, shapes that
	// do not chain, a permutation that is none), or a name asked for is not in it.
	// See [ModelError].
	ErrModel = errors.New("invalid model")
	// ErrShape: a buffer handed to Run, Profile or Top has the wrong length. See
	// [ShapeError].
	ErrShape = errors.New("wrong shape")
	// ErrClosed: the Model or Session was used after Close.
	ErrClosed = errors.New("used after Close")
	// ErrLimit: the network asks for more than the limits allow, see [Limits] and
	// [LimitError]. A file over its limits is weights.ErrLimit, a picture over its
	// own preprocess.ErrLimit: three things, three sentinels.
	ErrLimit = errors.New("limit exceeded")
	// ErrOption: an [Option] that cannot be had: no threads, an instruction set
	// that this machine, or this build, does not have.
	ErrOption = errors.New("invalid option")
	// ErrNoClasses: Classify or Top on a model whose first output is a feature map.
	// [WithClasses] names another output.
	ErrNoClasses = errors.New("no classes")
	// ErrNoPreprocess: Classify on a model whose file does not say how a picture becomes its input.
	ErrNoPreprocess = errors.New("the model has no preprocessing")
)

// ModelError says where a model's meaning is broken: errors.Is(err, ErrModel).
type ModelError struct {
	Node string // the node's name, or "graph", "input NAME", "output NAME"
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
	What      string // "input", "output", "times", or "output NAME"
	Got, Want string // for people: "5 elements", "a multiple of 3072 ([3 32 32])"
}

func (e *ShapeError) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", e.What, e.Got, e.Want)
}

// Unwrap makes errors.Is(err, ErrShape) true.
func (e *ShapeError) Unwrap() error { return ErrShape }

// LimitError says which of a model's [Limits] it is over: errors.Is(err, ErrLimit).
type LimitError struct {
	Limit    string // "memory", "activations", "work", "nodes", or "value": the elements of one value
	Got, Max int64  // in the limit's unit; Got is math.MaxInt64 if it is too much to count
	err      error
}

func (e *LimitError) Error() string { return e.err.Error() }

// Unwrap makes errors.Is(err, ErrLimit) true.
func (e *LimitError) Unwrap() error { return ErrLimit }
