package onnx

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
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
	return fmt.Sprintf("%v: node %q (%s): %s", e.Kind, e.Node, e.operator(), e.Msg)
}

// operator is Op, quoted if the file gives it odd characters.
func (e *Error) operator() string {
	if q := strconv.Quote(e.Op); q != `"`+e.Op+`"` {
		return q
	}
	return e.Op
}

// Unwrap makes errors.Is find the sentinel.
func (e *Error) Unwrap() error { return e.Kind }

// Errors is all that is not supported in a file, in the order of its nodes: two reasons
// or more, for one alone is an [Error]. errors.Is and errors.As look at each of them.
type Errors []*Error

// Unwrap makes errors.Is and errors.As look at each error.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i := range e {
		out[i] = e[i]
	}
	return out
}

// particulars are what differs where a reason is the same: names and numbers.
var particulars = regexp.MustCompile(`"[^"]*"|[0-9]+`)

// Error is one line: each reason once, with the first node that it concerns and the
// number of the others.
func (e Errors) Error() string {
	const most = 20 // reasons
	type reason struct {
		op, msg string
	}
	var first []*Error
	count := map[reason]int{}
	of := func(x *Error) reason {
		msg, _, _ := strings.Cut(x.Msg, supportedAre)
		return reason{x.Op, particulars.ReplaceAllString(msg, "#")}
	}
	for _, x := range e {
		if count[of(x)]++; count[of(x)] == 1 {
			first = append(first, x)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v: %d nodes, for %d reasons", ErrUnsupported, len(e), len(first))
	for i, x := range first {
		if i == most {
			fmt.Fprintf(&b, "; and %d more reasons", len(first)-most)
			break
		}
		r := of(x)
		msg, _, _ := strings.Cut(x.Msg, supportedAre)
		fmt.Fprintf(&b, "; node %q (%s): %s", x.Node, x.operator(), msg)
		if k := count[r]; k > 1 {
			fmt.Fprintf(&b, " (and %d more)", k-1)
		}
	}
	return b.String()
}

// supportedAre comes before the list of operators in the first message that has it.
const supportedAre = "; supported are "

// one is e, or its only error.
func (e Errors) one() error {
	if len(e) == 1 {
		return e[0]
	}
	return e
}
