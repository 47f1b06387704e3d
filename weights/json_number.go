package weights

import (
	"math"
	"strconv"
	"strings"
)

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
func (p *parser) number() float64 { return p.float(64) }

// float reads a number of so many bits in its shortest form.
func (p *parser) float(bits int) float64 {
	const want = "a number in its shortest form"
	end := p.at
	for end < len(p.s) && strings.IndexByte("0123456789+-.e", p.s[end]) >= 0 {
		end++
	}
	text := p.s[p.at:end]
	v, err := strconv.ParseFloat(text, bits)
	if err != nil || string(appendNumber(nil, v, bits)) != text {
		p.fail(want)
		return 0
	}
	p.at = end
	return v
}

// appendNumber appends the form of a number that FORMAT.md describes, which is
// that of encoding/json.
func appendNumber(b []byte, v float64, bits int) []byte {
	a := math.Abs(v)
	small := a < 1e-6
	if bits == 32 {
		small = float32(a) < 1e-6
	}
	if a == 0 || !small && a < 1e21 {
		return strconv.AppendFloat(b, v, 'f', -1, bits)
	}
	b = strconv.AppendFloat(b, v, 'e', -1, bits)
	if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09: e-9
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	return b
}
