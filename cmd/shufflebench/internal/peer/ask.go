package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Ask sends a request and waits for its answer. After an error the process has been
// ended, and every later request fails with the same error.
func (p *Process) Ask(ctx context.Context, q Request) (*Answer, error) {
	if p.dead != nil {
		return nil, p.dead
	}
	b, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	wrote := make(chan error, 1)
	go func() {
		_, err := p.stdin.Write(append(b, '\n'))
		wrote <- err
	}()
	timer := time.NewTimer(p.timeout)
	defer timer.Stop()
	select {
	case l := <-p.lines:
		return p.answer(q, l)
	case <-timer.C:
		return nil, p.Fail(fmt.Errorf("no answer to %q in %v", q.Op, p.timeout))
	case <-ctx.Done():
		return nil, p.Fail(ctx.Err())
	}
}

func (p *Process) answer(q Request, l line) (*Answer, error) {
	if l.err != nil {
		if errors.Is(l.err, io.EOF) {
			return nil, p.Fail(fmt.Errorf("it ended before it answered %q", q.Op))
		}
		return nil, p.Fail(fmt.Errorf("answer to %q: %w", q.Op, l.err))
	}
	var a Answer
	if err := json.Unmarshal(l.text, &a); err != nil {
		return nil, p.Fail(fmt.Errorf("answer to %q: got %.80q, want a JSON object: %v", q.Op, l.text, err))
	}
	if !a.OK {
		return nil, p.Fail(fmt.Errorf("%s: %s", q.Op, a.Error))
	}
	return &a, nil
}
