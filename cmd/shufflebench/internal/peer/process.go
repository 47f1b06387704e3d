package peer

import (
	"bufio"
	"bytes"
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

// maxLine bounds the length of an answer, in bytes. It has room for the output of any
// network that is timed here, and stops a peer that prints without end.
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

// read sends the lines of the output to p.lines, and in the end an error: io.EOF, or
// what went wrong.
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
