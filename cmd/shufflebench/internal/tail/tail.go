// Package tail keeps the end of what another program writes.
package tail

import (
	"strings"
	"sync"
)

// Tail keeps the end of what is written to it, for messages about a process that
// failed. It is safe for concurrent use.
type Tail struct {
	mu sync.Mutex
	b  []byte
}

const tailLen = 2000

func (t *Tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if len(t.b) > tailLen {
		t.b = append(t.b[:0], t.b[len(t.b)-tailLen:]...)
	}
	return len(b), nil
}

func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.b))
}
