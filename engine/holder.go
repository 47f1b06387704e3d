package engine

import (
	"fmt"
	"sync"
)

// Holder holds the model that a program uses at the moment, and lets it be replaced
// while it is in use. All methods are safe for concurrent use.
//
//	m, release, err := holder.Acquire()
//	if err != nil {
//		return err
//	}
//	defer release()
//	top, err := m.Classify(ctx, img, 5)
//
// A model that was acquired stays usable until it is released, whatever is swapped in
// meanwhile: no call of its holder ends in [ErrClosed].
type Holder struct {
	mu  sync.Mutex
	now *tenure // nil after Close
}

// tenure is a model and how many hold it, the Holder itself among them.
type tenure struct {
	model *Model
	users int
}

// NewHolder returns a holder of m, which it closes when it is no longer needed.
func NewHolder(m *Model) *Holder { return &Holder{now: &tenure{m, 1}} }

// Acquire returns the present model, and a function that must be called once when it
// is no longer used: after the last run of it, and of its sessions and classifiers.
// Calling it again does nothing. After Close the error is [ErrClosed].
func (h *Holder) Acquire() (m *Model, release func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.now == nil {
		return nil, nil, fmt.Errorf("holder: %w", ErrClosed)
	}
	x := h.now
	x.users++
	var once sync.Once
	return x.model, func() { once.Do(func() { h.drop(x) }) }, nil
}

// Swap makes m the present model. The one before it is closed as soon as nobody holds
// it: at once, or by the last release. Swap does not wait for that. After Close, m is
// not taken, and stays the caller's to close; the error is [ErrClosed].
func (h *Holder) Swap(m *Model) error {
	h.mu.Lock()
	old := h.now
	if old == nil {
		h.mu.Unlock()
		return fmt.Errorf("holder: %w", ErrClosed)
	}
	h.now = &tenure{m, 1}
	h.mu.Unlock()
	h.drop(old)
	return nil
}

// Close lets the present model go: it is closed as soon as nobody holds it. It returns
// nil, and may be called twice.
func (h *Holder) Close() error {
	h.mu.Lock()
	old := h.now
	h.now = nil
	h.mu.Unlock()
	if old != nil {
		h.drop(old)
	}
	return nil
}

// drop takes one user from x, and closes its model after the last.
func (h *Holder) drop(x *tenure) {
	h.mu.Lock()
	x.users--
	last := x.users == 0
	h.mu.Unlock()
	if last {
		x.model.Close()
	}
}
