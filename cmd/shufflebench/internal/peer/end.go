package peer

import (
	"encoding/json"
	"fmt"
	"time"
)

// Fail ends the process and says why, with how it ended and the end of what it
// wrote to standard error.
func (p *Process) Fail(why error) error {
	p.dead = why // before end, which must not wait for a peer that hangs
	state := p.end()
	msg := ""
	if state != "" {
		msg = " (" + state + ")"
	}
	if t := p.stderr.String(); t != "" {
		msg += ": " + t
	}
	p.dead = fmt.Errorf("%s: %w%s", p.What, why, msg)
	return p.dead
}

// Close asks the peer to end, and kills it if it does not.
func (p *Process) Close() {
	if p.dead == nil {
		b, _ := json.Marshal(Request{Op: "quit"}) // cannot fail: plain fields
		go p.stdin.Write(append(b, '\n'))
		p.end()
		p.dead = fmt.Errorf("%s: closed", p.What)
	}
}

// end waits a moment for the process to end, and then kills it. It returns how the
// process ended, "" if all was well.
func (p *Process) end() string {
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
