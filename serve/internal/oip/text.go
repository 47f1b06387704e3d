package oip

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// appendText appends t's elements as one flat JSON list. BYTES are text here: what goes
// out are labels and JSON.
func (t *Tensor) appendText(b []byte) ([]byte, error) {
	b = append(b, '[')
	first := len(b)
	for i, v := range t.Floats {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fault.New(fault.Invalid, "output %s: element %d is %v, which JSON cannot hold: ask for binary_data", t.Name, i, f)
		}
		b = append(strconv.AppendFloat(b, float64(v), 'g', -1, 32), ',')
	}
	for _, v := range t.Ints {
		b = append(strconv.AppendInt(b, v, 10), ',')
	}
	for _, v := range t.Octets {
		b = append(strconv.AppendUint(b, uint64(v), 10), ',')
	}
	for i, s := range t.Strings {
		if !utf8.Valid(s) {
			return nil, fault.New(fault.Invalid, "output %s: element %d is not UTF-8, which JSON needs: ask for binary_data", t.Name, i)
		}
		b = append(appendQuoted(b, s), ',')
	}
	if len(b) > first {
		b = b[:len(b)-1] // the last comma
	}
	return append(b, ']'), nil
}

// textSize is about how many bytes appendText appends: more only where numbers are long
// or strings need escapes.
func (t *Tensor) textSize() int {
	n := 2 + 13*len(t.Floats) + 10*len(t.Ints) + 4*len(t.Octets)
	for _, s := range t.Strings {
		n += len(s) + len(s)/8 + 3 // JSON within JSON has a few quotes to escape
	}
	return n
}

// appendQuoted appends a JSON string, with the bytes that encoding/json would write.
func appendQuoted[S string | []byte](b []byte, s S) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			q, _ := json.Marshal(string(s)) // a string has no error
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
