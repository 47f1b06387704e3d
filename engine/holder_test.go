package engine

import (
	"context"
	"errors"
	"image"
	"sync"
	"sync/atomic"
	"testing"
)

// Two hundred swaps under load: no call fails, and every model but the last is closed
// once nobody holds it.
func TestHolder(t *testing.T) {
	load := func() *Model {
		m, err := New(tiny(), WithThreads(2))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	h := NewHolder(load())
	img := image.NewGray(image.Rect(0, 0, 12, 12))
	var stop atomic.Bool
	var calls atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !stop.Load() {
				m, release, err := h.Acquire()
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := m.Classify(context.Background(), img, 1); err != nil {
					t.Error(err)
				}
				release()
				release() // does nothing
				calls.Add(1)
			}
		})
	}
	var old []*Model
	for range 200 {
		m, release, err := h.Acquire()
		if err != nil {
			t.Fatal(err)
		}
		old = append(old, m)
		release()
		if err := h.Swap(load()); err != nil {
			t.Fatal(err)
		}
	}
	for calls.Load() < 100 {
	}
	stop.Store(true)
	wg.Wait()
	for i, m := range old {
		if !m.closed.Load() {
			t.Errorf("model %d of %d is still open", i, len(old))
		}
	}

	m, release, err := h.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	h.Close()
	if _, err := m.Classify(context.Background(), img, 1); err != nil {
		t.Errorf("a model that is held was closed: %v", err)
	}
	release()
	if !m.closed.Load() {
		t.Error("the last release left the model open")
	}
	if _, _, err := h.Acquire(); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: got %v", err)
	}
	late := load()
	if err := h.Swap(late); !errors.Is(err, ErrClosed) || late.closed.Load() {
		t.Errorf("Swap after Close: got %v, closed %v, want ErrClosed and a model that is still the caller's", err, late.closed.Load())
	}
	late.Close()
}
