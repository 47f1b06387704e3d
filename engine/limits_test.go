package engine

import (
	"errors"
	"testing"
)

// Each limit refuses by its name what is over it, and the default where none is given.
func TestWithLimits(t *testing.T) {
	for name, l := range map[string]Limits{"memory": {Memory: 2000}, "work": {Work: 100}, "nodes": {Nodes: 2}} {
		_, err := New(tiny(), WithLimits(l))
		var over *LimitError
		if !errors.As(err, &over) || !errors.Is(err, ErrLimit) || over.Limit != name || over.Got <= over.Max {
			t.Errorf("%+v: got %v, want it to be over the limit of %s", l, err, name)
		}
	}
	m, err := New(tiny(), WithLimits(Limits{}))
	if err != nil {
		t.Fatalf("the defaults: %v", err)
	}
	m.Close()
	for _, l := range []Limits{{Memory: -1}, {Work: -1}, {Nodes: -1}} {
		if _, err := New(tiny(), WithLimits(l)); !errors.Is(err, ErrOption) {
			t.Errorf("%+v: got %v, want ErrOption", l, err)
		}
	}
}
