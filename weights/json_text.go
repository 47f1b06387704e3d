package weights

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text reads a string.
func (p *parser) text() string {
	p.want(`"`)
	s := p.s[p.at:]
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return p.plain(s[:i])
		case c == '\\':
			return p.escaped(i)
		case c < ' ':
			p.at += i
			p.fail(`\u and four digits, or a short escape, for a control character`)
			return ""
		}
	}
	p.fail("a string that ends")
	return ""
}

// separators are the two line ends of JavaScript that are no control characters.
const (
	lineSeparator      = "\u2028"
	paragraphSeparator = "\u2029"
)

// plain takes s, which ends before a quote.
func (p *parser) plain(s string) string {
	if !utf8.ValidString(s) {
		p.fail("UTF-8")
		return ""
	}
	if strings.Contains(s, lineSeparator) || strings.Contains(s, paragraphSeparator) {
		p.fail(`\u2028 and \u2029 for these`)
		return ""
	}
	p.at += len(s) + 1
	return s
}

// escaped reads a string whose first escape is i bytes on.
func (p *parser) escaped(i int) string {
	var b bytes.Buffer
	for {
		s := p.s[p.at:]
		for i < len(s) && s[i] != '"' && s[i] != '\\' && s[i] >= ' ' {
			i++
		}
		if i == len(s) || s[i] < ' ' {
			p.fail("a string without control characters, that ends")
			return ""
		}
		b.WriteString(p.plain(s[:i])) // and skips the quote or backslash
		switch {
		case p.err != nil:
			return ""
		case s[i] == '"':
			return b.String()
		}
		r, n := escape(p.s[p.at:])
		if n == 0 {
			p.fail(`one of the escapes \" \\ \b \f \n \r \t, \u for other control characters, \u2028, \u2029`)
			return ""
		}
		b.WriteRune(r)
		p.at += n
		i = 0
	}
}

// escape reads what follows a backslash; n is 0 if that is no canonical escape.
func escape(s string) (r rune, n int) {
	if s == "" {
		return 0, 0
	}
	if k := strings.IndexByte(`"\bfnrt`, s[0]); k >= 0 {
		return rune("\"\\\b\f\n\r\t"[k]), 1
	}
	if s[0] != 'u' || len(s) < 5 {
		return 0, 0
	}
	v, err := strconv.ParseUint(s[1:5], 16, 16)
	if err != nil || strings.ContainsAny(s[1:5], "ABCDEF+-_") {
		return 0, 0
	}
	switch r := rune(v); {
	case r == 0x2028, r == 0x2029, r < ' ' && !strings.ContainsRune("\b\f\n\r\t", r):
		return r, 5
	}
	return 0, 0
}
