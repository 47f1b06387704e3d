// Package limit counts what a model asks for, and refuses it before it is allocated
// or computed. It knows numbers and their bounds, and nothing else.
package limit

import (
	"cmp"
	"errors"
	"fmt"
	"math"
)

// Err is what every [Error] is, by errors.Is.
var Err = errors.New("limit exceeded")

// What is limited.
const (
	Memory      = "memory"      // bytes: activations of one session, packed weights, tables
	Activations = "activations" // bytes of one session
	Work        = "work"        // multiply-adds of one sample, and what else it computes in units of their time
	Nodes       = "nodes"
	Value       = "value" // elements of one value
)

// Error is something that is over a limit.
type Error struct {
	What     string // one of the constants above
	Got, Max int64
}

func (e *Error) Error() string {
	unit := map[string]string{Memory: "bytes", Activations: "bytes", Work: "multiply-adds", Nodes: "nodes", Value: "elements"}[e.What]
	if e.Got == math.MaxInt64 {
		return fmt.Sprintf("%s: got too many %s to count, want at most %d", e.What, unit, e.Max)
	}
	return fmt.Sprintf("%s: got %d %s, want at most %d", e.What, e.Got, unit, e.Max)
}

func (e *Error) Unwrap() error { return Err }

// Limits are the bounds on one model.
type Limits struct{ Memory, Activations, Work, Nodes, Value int64 }

// Meter adds up what a model takes.
type Meter struct {
	Limits
	memory, work, nodes int64
}

// Memory adds bytes. Its error is an [Error].
func (m *Meter) Memory(bytes int64) error { return add(&m.memory, bytes, Memory, m.Limits.Memory) }

// Activations adds the bytes of a session's activations.
func (m *Meter) Activations(bytes int64) error {
	var n int64
	return cmp.Or(add(&n, bytes, Activations, m.Limits.Activations), m.Memory(bytes))
}

// Work adds multiply-adds.
func (m *Meter) Work(n int64) error { return add(&m.work, n, Work, m.Limits.Work) }

// Node adds one node.
func (m *Meter) Node() error { return add(&m.nodes, 1, Nodes, m.Limits.Nodes) }

// Value looks at a value of so many elements.
func (m *Meter) Value(elements int64) error {
	var n int64
	return add(&n, elements, Value, m.Limits.Value)
}

func add(sum *int64, n int64, what string, most int64) error {
	if *sum > math.MaxInt64-n {
		*sum = math.MaxInt64
	} else {
		*sum += n
	}
	if *sum > most {
		return &Error{what, *sum, most}
	}
	return nil
}

// Product is the product of what are sizes, none negative. It is MaxInt64 where it
// is more.
func Product(factors ...int) int64 {
	p := int64(1)
	for _, f := range factors {
		if f != 0 && p > math.MaxInt64/int64(f) {
			return math.MaxInt64
		}
		p *= int64(f)
	}
	return p
}
