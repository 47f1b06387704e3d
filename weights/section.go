package weights

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseSection reads the JSON section in the one form that a file may hold it
// in, and no other: this parser has no notion of spaces, of keys in another order or of
// numbers written in two ways. What it accepts is what [document.canonical]
// makes of the result, byte for byte.
func parseSection(js []byte) (*document, error) {
	p := &parser{s: string(js)}
	d := p.document()
	if p.err == nil && p.at != len(p.s) {
		p.fail("the end of the section")
	}
	if p.err != nil {
		return nil, p.err
	}
	return d, nil
}

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

// object reads the members of an object whose opening brace was read: at least
// one, since an empty one is left out, keys in ascending order.
func (p *parser) object(member func(key string)) {
	last := ""
	for first := true; p.err == nil; first = false {
		at := p.at
		key := p.text()
		if !first && key <= last {
			p.at = at
			p.fail("keys in ascending order, each once")
		}
		p.want(":")
		member(key)
		last = key
		if !p.has(",") {
			p.want("}")
			return
		}
	}
}

func (p *parser) document() *document {
	d := &document{Tensors: []entry{}}
	d.Graph.Inputs, d.Graph.Nodes = []Value{}, []Node{}
	p.want(`{"name":`)
	d.Name = p.text()
	p.want(`,"graph":{"inputs":[`)
	p.list(func() {
		var v Value
		p.want(`{"name":`)
		v.Name = p.text()
		p.want(`,"shape":`)
		v.Shape = p.integers()
		p.want(`}`)
		d.Graph.Inputs = append(d.Graph.Inputs, v)
	})
	p.want(`,"outputs":`)
	d.Graph.Outputs = p.texts()
	p.want(`,"nodes":[`)
	p.list(func() { d.Graph.Nodes = append(d.Graph.Nodes, p.node()) })
	p.want(`},"tensors":[`)
	p.list(func() { d.Tensors = append(d.Tensors, p.entry()) })
	if p.has(`,"labels":`) {
		if d.Labels = p.texts(); len(d.Labels) == 0 {
			p.fail("labels, or none of the key")
		}
	}
	if p.has(`,"preprocess":`) {
		d.Preprocess = p.preprocess()
	}
	p.want(`,"provenance":{`)
	comma := ""
	for _, f := range []struct {
		key string
		to  *string
	}{
		{`"source":`, &d.Provenance.Source}, {`"data":`, &d.Provenance.Data}, {`"date":`, &d.Provenance.Date},
		{`"accuracy":`, &d.Provenance.Accuracy}, {`"license":`, &d.Provenance.License}, {`"notes":`, &d.Provenance.Notes},
	} {
		if p.has(comma + f.key) {
			if *f.to = p.text(); *f.to == "" {
				p.fail("a text, or none of the key")
			}
			comma = ","
		}
	}
	p.want(`}}`)
	return d
}

func (p *parser) node() (n Node) {
	p.want(`{"name":`)
	n.Name = p.text()
	p.want(`,"op":`)
	n.Op = p.text()
	p.want(`,"in":`)
	n.Inputs = p.texts()
	p.want(`,"out":`)
	n.Outputs = p.texts()
	if p.has(`,"attrs":{`) {
		n.Attrs = map[string][]int{}
		p.object(func(key string) { n.Attrs[key] = p.integers() })
	}
	if p.has(`,"tensors":{`) {
		n.Tensors = map[string]string{}
		p.object(func(key string) { n.Tensors[key] = p.text() })
	}
	p.want(`}`)
	return n
}

func (p *parser) entry() (e entry) {
	p.want(`{"name":`)
	e.Name = p.text()
	p.want(`,"dtype":`)
	e.DType = p.text()
	p.want(`,"shape":`)
	e.Shape = p.integers()
	p.want(`,"offset":`)
	e.Offset = p.integer()
	p.want(`,"bytes":`)
	e.Bytes = p.integer()
	p.want(`}`)
	return e
}

func (p *parser) preprocess() *Preprocess {
	r := &Preprocess{}
	p.want(`{"resize":`)
	r.Resize = p.integer()
	p.want(`,"crop":[`)
	r.Crop[0] = p.integer()
	p.want(`,`)
	r.Crop[1] = p.integer()
	p.want(`],"filter":`)
	r.Filter = p.text()
	p.want(`,"order":`)
	r.Order = p.text()
	p.want(`,"mean":`)
	r.Mean = p.numbers()
	p.want(`,"std":`)
	r.Std = p.numbers()
	if p.has(`,"letterbox":`) {
		r.Letterbox = p.integers()
	}
	p.want(`}`)
	return r
}

func (p *parser) texts() []string {
	out := []string{}
	p.want("[")
	p.list(func() { out = append(out, p.text()) })
	return out
}

func (p *parser) integers() []int {
	out := []int{}
	p.want("[")
	p.list(func() { out = append(out, p.integer()) })
	return out
}

func (p *parser) numbers() []float64 {
	out := []float64{}
	p.want("[")
	p.list(func() { out = append(out, p.number()) })
	return out
}

// integer reads a number of the machine's int.
func (p *parser) integer() int {
	const want = "an integer"
	end := p.at
	if end < len(p.s) && p.s[end] == '-' {
		end++
	}
	first := end
	for end < len(p.s) && p.s[end] >= '0' && p.s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(p.s[p.at:end])
	if err != nil || p.s[first] == '0' && end > p.at+1 { // 07, -0, -07
		p.fail(want)
		return 0
	}
	p.at = end
	return n
}

// number reads a float64 in its shortest form.
func (p *parser) number() float64 {
	const want = "a number in its shortest form"
	end := p.at
	for end < len(p.s) && strings.IndexByte("0123456789+-.e", p.s[end]) >= 0 {
		end++
	}
	text := p.s[p.at:end]
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || string(appendNumber(nil, v)) != text {
		p.fail(want)
		return 0
	}
	p.at = end
	return v
}

// appendNumber appends the form of a number that FORMAT.md describes, which is
// that of encoding/json.
func appendNumber(b []byte, v float64) []byte {
	a := math.Abs(v)
	if a == 0 || a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, v, 'e', -1, 64)
	if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09: e-9
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}

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
