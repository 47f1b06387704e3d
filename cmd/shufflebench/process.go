package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// process is a peer that runs: one request at a time.
type process struct {
	what    string // for messages
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	lines   chan line
	stderr  tail
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

func startProcess(what string, argv []string, timeout time.Duration) (*process, error) {
	p := &process{what: what, cmd: exec.Command(argv[0], argv[1:]...), lines: make(chan line, 1), timeout: timeout}
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
func (p *process) read(out io.Reader) {
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

// ask sends a request and waits for its answer. After an error other than the
// peer's own "not ok" the process is gone.
func (p *process) ask(ctx context.Context, q request) (*answer, error) {
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
		return nil, p.fail(fmt.Errorf("no answer to %q in %v", q.Op, p.timeout))
	case <-ctx.Done():
		return nil, p.fail(ctx.Err())
	}
}

func (p *process) answer(q request, l line) (*answer, error) {
	if l.err != nil {
		if errors.Is(l.err, io.EOF) {
			return nil, p.fail(fmt.Errorf("it ended before it answered %q", q.Op))
		}
		return nil, p.fail(fmt.Errorf("answer to %q: %w", q.Op, l.err))
	}
	var a answer
	if err := json.Unmarshal(l.text, &a); err != nil {
		return nil, p.fail(fmt.Errorf("answer to %q: got %.80q, want a JSON object: %v", q.Op, l.text, err))
	}
	if !a.OK {
		return nil, p.fail(fmt.Errorf("%s: %s", q.Op, a.Error))
	}
	return &a, nil
}

// fail ends the process and says why, with how it ended and the end of what it
// wrote to standard error.
func (p *process) fail(why error) error {
	p.dead = why // before end, which must not wait for a peer that hangs
	state := p.end()
	msg := ""
	if state != "" {
		msg = " (" + state + ")"
	}
	if t := p.stderr.String(); t != "" {
		msg += ": " + t
	}
	p.dead = fmt.Errorf("%s: %w%s", p.what, why, msg)
	return p.dead
}

// close asks the peer to end, and makes it.
func (p *process) close() {
	if p.dead == nil {
		b, _ := json.Marshal(request{Op: "quit"}) // cannot fail: plain fields
		go p.stdin.Write(append(b, '\n'))
		p.end()
		p.dead = fmt.Errorf("%s: closed", p.what)
	}
}

// end waits a moment for the process, kills it if it is still there, and says
// how it ended if that was not well.
func (p *process) end() string {
	done := make(chan error, 1)
	go func() {
		for range p.lines { // so that read ends, whatever it still prints
		}
		done <- p.cmd.Wait()
	}()
	grace := 2 * time.Second
	if p.dead != nil {
		grace = 200 * time.Millisecond
	}
	var err error
	select {
	case err = <-done:
	case <-time.After(grace):
		kill(p.cmd)
		<-done
		return "killed"
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// peakRSS is the most memory that the process has had resident, in bytes; 0
// where the system does not say. Not getrusage's ru_maxrss: that one starts at
// what the parent had.
func (p *process) peakRSS() int64 {
	if p.dead != nil {
		return 0
	}
	return vmHWM(p.cmd.Process.Pid)
}

func vmHWM(pid int) int64 {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for _, l := range strings.Split(string(b), "\n") {
		if f := strings.Fields(l); len(f) == 3 && f[0] == "VmHWM:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

const tailLen = 2000

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, b...)
	if len(t.b) > tailLen {
		t.b = append(t.b[:0], t.b[len(t.b)-tailLen:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.b))
}
