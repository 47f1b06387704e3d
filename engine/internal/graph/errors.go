package graph

import "fmt"

// Error says where the meaning of a model is broken.
type Error struct {
	Node string // the node's name, or "graph", "input NAME", "output NAME"
	Op   string // the node's operator, "" if it is no node
	Err  error  // what was got and what was wanted
}

func (e *Error) Error() string {
	if e.Op == "" {
		return fmt.Sprintf("%s: %v", e.Node, e.Err)
	}
	return fmt.Sprintf("node %q (%s): %v", e.Node, e.Op, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }
