package app

import (
	"context"
	"io"
)

// interruptible makes reads of r end when ctx does: a read that waits for a
// terminal or a pipe must not keep an interrupted program alive.
type interruptible struct {
	ctx   context.Context
	r     io.Reader
	buf   []byte
	ready []byte
	err   error
}

func (s *interruptible) Read(p []byte) (int, error) {
	if len(s.ready) == 0 && s.err == nil && len(p) > 0 {
		s.fill()
	}
	if len(s.ready) > 0 {
		n := copy(p, s.ready)
		s.ready = s.ready[n:]
		return n, nil
	}
	return 0, s.err
}

// fill reads once, in a goroutine that is left behind if ctx is done first.
func (s *interruptible) fill() {
	type result struct {
		n   int
		err error
	}
	if s.buf == nil {
		s.buf = make([]byte, 1<<16)
	}
	done := make(chan result, 1)
	go func(buf []byte) {
		n, err := s.r.Read(buf)
		done <- result{n, err}
	}(s.buf)
	select {
	case r := <-done:
		s.ready, s.err = s.buf[:r.n], r.err
	case <-s.ctx.Done():
		s.buf, s.err = nil, s.ctx.Err()
	}
}
