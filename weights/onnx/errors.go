package onnx

import (
	"errors"
	"fmt"
	"strconv"
)

// Sentinels for errors.Is. Every error of this package but those of the file
// system is an [Error] that wraps one of them.
var (
	// ErrNotONNX: no ONNX file at all, or one that breaks off.
	ErrNotONNX = errors.New("not an ONNX file")
	// ErrUnsupported: an operator, an attribute's value, an opset or an element type
	// that riffle does not run, or a file over the limits.
	ErrUnsupported = errors.New("not supported")
	// ErrInvalid: what no engine could run: shapes that do not chain, tensors that
	// are missing.
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
		op = q // the file's, and odd
	}
	return fmt.Sprintf("%v: node %q (%s): %s", e.Kind, e.Node, op, e.Msg)
}

// Unwrap makes errors.Is find the sentinel.
func (e *Error) Unwrap() error { return e.Kind }
