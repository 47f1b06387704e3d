package peer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/tail"
)

// Process is a peer that runs. It takes one request at a time, from one goroutine.
type Process struct {
	What string // how messages call the peer

	cmd     *exec.Cmd
	stdin   io.WriteCloser
	lines   chan line
	stderr  tail.Tail
	timeout time.Duration
	dead    error
}

type line struct {
	text []byte
	err  error
}

// maxLine bounds an answer: the output of any network that is timed here, and
// no more than a peer that prints for ever should take.
const maxLine = 256 << 20

// Start starts a peer: argv is the command, timeout the longest wait for one
// answer, and what is how messages call it.
func Start(what string, argv []string, timeout time.Duration) (*Process, error) {
	p := &Process{What: what, cmd: exec.Command(argv[0], argv[1:]...), lines: make(chan line, 1), timeout: timeout}
	ownGroup(p.cmd) // an interrupt is for shufflebench, which then ends its peers
	p.cmd.Stderr = &p.stderr
	p.cmd.WaitDelay = time.Second
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	go p.read(out)
	return p, nil
}

// read hands the lines on, and the end as an error.
func (p *Process) read(out io.Reader) {
	defer close(p.lines)
	s := bufio.NewScanner(out)
	s.Buffer(make([]byte, 64<<10), maxLine)
	for s.Scan() {
		p.lines <- line{text: bytes.Clone(s.Bytes())}
	}
	err := s.Err()
	if err == nil {
		err = io.EOF
	}
	p.lines <- line{err: err}
}

// Ask sends a request and waits for its answer. After an error other than the
// peer's own "not ok" the process is gone.
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
