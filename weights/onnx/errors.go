package onnx

import (
	"errors"
	"fmt"
	"strconv"
)

// Sentinels for errors.Is. Every error of this package is an [Error] that wraps one of
// them, or the file system's.
var (
	// ErrNotONNX says that the file is no ONNX file, or one that breaks off.
	ErrNotONNX = errors.New("not an ONNX file")
	// ErrUnsupported says that riffle does not run an operator, an attribute's value, an
	// opset or an element type, or that the file is over a limit.
	ErrUnsupported = errors.New("not supported")
	// ErrInvalid says that no engine could run the model: shapes do not fit, tensors are
	// missing.
	ErrInvalid = errors.New("invalid ONNX model")
)

// Error says which node cannot be brought in, or written out, and why.
type Error struct {
	Kind error  // one of the sentinels
	Node string // name, or its first output if it has none; "" if it is no node's fault
	Op   string // "Conv", "riffle.DynamicShuffle"; from Export, a weights.Op constant
	Msg  string // got and wanted, one line
}

func (e *Error) Error() string {
	if e.Op == "" {
		return fmt.Sprintf("%v: %s", e.Kind, e.Msg)
	}
	op := e.Op
	if q := strconv.Quote(op); q != `"`+op+`"` {
		op = q // a name of odd characters
	}
	return fmt.Sprintf("%v: node %q (%s): %s", e.Kind, e.Node, op, e.Msg)
}

// Unwrap makes errors.Is find the sentinel.
func (e *Error) Unwrap() error { return e.Kind }
