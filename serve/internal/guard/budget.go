// Package guard keeps clients from taking more than their share: of memory, of
// connections, of rights.
package guard

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// Budget is how many bytes all requests under way may hold together. A request takes from
// it what has arrived, not what it announces, so that announcing costs others nothing. It
// is safe for concurrent use.
type Budget struct {
	all  int64
	left atomic.Int64
}

// NewBudget returns a budget of so many bytes.
func NewBudget(bytes int64) *Budget {
	b := &Budget{all: bytes}
	b.left.Store(bytes)
	return b
}

// take takes n bytes, or none.
func (b *Budget) take(n int64) bool {
	if b.left.Add(-n) >= 0 {
		return true
	}
	b.left.Add(n)
	return false
}

// Hold takes n bytes, which release gives back. The error is a fault.Unavailable, or a
// fault.TooLarge where there are not so many in all. A nil budget has no bound.
func (b *Budget) Hold(n int64) (release func(), err error) {
	if b == nil {
		return func() {}, nil
	}
	if n > b.all {
		return nil, fault.New(fault.TooLarge, "the request, or its answer, takes about %d bytes of memory, and all requests together may take %d", n, b.all)
	}
	if !b.take(n) {
		return nil, exhausted()
	}
	return func() { b.left.Add(n) }, nil
}

// Read reads r to its end, at most so many bytes. The memory it needs for that is held until
// release is called, which must be done once the bytes are no longer used; also after an
// error release is not nil. announced is what the client says will come, or -1.
func (b *Budget) Read(r io.Reader, announced, most int64) (body []byte, release func(), err error) {
	const step = 64 << 10
	held := int64(0)
	release = func() { b.left.Add(held); held = 0 }
	if announced > most {
		return nil, release, tooLarge(most)
	}
	for {
		if len(body) == cap(body) {
			// What was announced, if it is little; else twice of what has come.
			size := int64(2 * cap(body))
			if size == 0 {
				size = step
			}
			if announced >= int64(len(body)) {
				size = min(size, announced+1) // one more, to see the end
			}
			size = min(size, most+1)
			if size <= int64(len(body)) {
				return nil, release, tooLarge(most)
			}
			// The old and the new bytes exist at the same time for a moment.
			if !b.take(size) {
				return nil, release, exhausted()
			}
			grown := make([]byte, len(body), size)
			copy(grown, body)
			b.left.Add(held)
			body, held = grown, size
		}
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > most:
			return nil, release, tooLarge(most)
		case err == io.EOF:
			return body, release, nil
		case err != nil:
			return nil, release, err
		}
	}
}

func tooLarge(max int64) error {
	return fault.New(fault.TooLarge, "the body has more than %d bytes", max)
}

func exhausted() error {
	e := fault.New(fault.Unavailable, "the memory for requests under way is used up")
	e.RetryAfter = time.Second
	return e
}
