package npy

import (
	"strconv"
	"strings"
)

// header is the Python dictionary that describes an array.
type header struct {
	descr   string
	fortran bool
	shape   []int
}

// parseHeader reads a dictionary of exactly the keys descr, fortran_order and shape.
func parseHeader(text string) (*header, error) {
	h, p := &header{}, &parser{text}
	seen := map[string]bool{}
	if !p.take("{") {
		return nil, p.wrong("{")
	}
	for !p.take("}") {
		key, ok := p.str()
		if !ok || !p.take(":") {
			return nil, p.wrong("a key in quotes, and a colon")
		}
		switch key {
		case "descr":
			if h.descr, ok = p.str(); !ok {
				return nil, p.wrong("a single element type")
			}
		case "fortran_order":
			h.fortran = p.take("True")
			if !h.fortran && !p.take("False") {
				return nil, p.wrong("True or False")
			}
		case "shape":
			if h.shape, ok = p.tuple(); !ok {
				return nil, p.wrong("a tuple of sizes")
			}
		default:
			return nil, errf("got the key %q, want descr, fortran_order and shape", key)
		}
		if seen[key] {
			return nil, errf("got the key %q twice", key)
		}
		seen[key] = true
		if !p.take(",") && !strings.HasPrefix(p.rest, "}") {
			return nil, p.wrong("a comma")
		}
	}
	if len(seen) != 3 {
		return nil, errf("got a header of %d keys, want descr, fortran_order and shape", len(seen))
	}
	if p.skip(); p.rest != "" {
		return nil, p.wrong("the end of the header")
	}
	return h, nil
}

// parser reads Python literals.
type parser struct{ rest string }

func (p *parser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// take skips token, if it comes next, and what white space is around it.
func (p *parser) take(token string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
		p.skip()
	}
	return ok
}

// str reads a string in quotes, without escapes.
func (p *parser) str() (string, bool) {
	for _, quote := range []string{"'", `"`} {
		if rest, ok := strings.CutPrefix(p.rest, quote); ok {
			s, rest, ok := strings.Cut(rest, quote)
			p.rest = rest
			return s, ok && !strings.Contains(s, `\`)
		}
	}
	return "", false
}

// tuple reads (), (3,) or (3, 4).
func (p *parser) tuple() ([]int, bool) {
	shape := []int{}
	if !p.take("(") {
		return nil, false
	}
	for !p.take(")") {
		digits := len(p.rest) - len(strings.TrimLeft(p.rest, "0123456789"))
		n, err := strconv.Atoi(p.rest[:digits])
		if err != nil || len(shape) == 64 { // NumPy's own limit
			return nil, false
		}
		p.rest = strings.TrimPrefix(p.rest[digits:], "L") // Python 2's long
		shape = append(shape, n)
		if p.take(",") {
			continue
		}
		return shape, p.take(")") && len(shape) > 1 // (3) is no tuple
	}
	return shape, true
}

func (p *parser) wrong(want string) error {
	return errf("got %.40q in the header, want %s", p.rest, want)
}
