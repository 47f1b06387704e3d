package onnx

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Sentinels for errors.Is.
var (
	ErrNotONNX     = errors.New("not an ONNX file")
	ErrUnsupported = errors.New("not supported")
	ErrInvalid     = errors.New("invalid ONNX model")
)

// Error says which node cannot be brought in, or written out, and why.
type Error struct {
	Kind error  // one of the sentinels
	Node string // name, or its first output if it has none
	Op   string // "Conv", "riffle.DynamicShuffle"
	Msg  string // got and wanted
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

// Supported lists the operators that Import knows as layers, sorted. Shape
// arithmetic is evaluated and needs no place among them.
func Supported() []string {
	var s []string
	for k := range importers {
		s = append(s, k)
	}
	sort.Strings(s)
	return s
}

func supportedList() string { return strings.Join(Supported(), ", ") }
