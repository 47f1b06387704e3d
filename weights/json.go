package weights

import (
	"fmt"
	"strings"
)

// parser keeps the first error and then accepts nothing more. Strings of the
// result are parts of s.
type parser struct {
	s   string
	at  int
	err error
}

func (p *parser) fail(want string) {
	if p.err == nil {
		p.err = bad(ErrInvalid, fmt.Sprintf("JSON, byte %d", p.at), around(p.s, p.at), want)
		p.at = len(p.s)
	}
}

func around(s string, at int) string {
	at = min(at, len(s))
	return fmt.Sprintf("%q", s[at:min(len(s), at+24)])
}

// has skips lit if it comes next.
func (p *parser) has(lit string) bool {
	if p.err != nil || !strings.HasPrefix(p.s[p.at:], lit) {
		return false
	}
	p.at += len(lit)
	return true
}

func (p *parser) want(lit string) {
	if !p.has(lit) {
		p.fail(lit)
	}
}

// list reads the items of an array whose opening bracket was read.
func (p *parser) list(item func()) {
	if p.has("]") {
		return
	}
	for p.err == nil {
		item()
		if !p.has(",") {
			p.want("]")
			return
		}
	}
}
