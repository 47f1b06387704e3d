package oip

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unsafe"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// text sets t's elements from the JSON of its data: numbers or strings, in one list or in
// lists of lists, which are read row by row. A string is base64, as JSON has no other way
// to hold a picture. raw is valid JSON.
func (t *Tensor) text(raw json.RawMessage) error {
	where := "input " + t.Name
	// An element takes a character and a comma at least.
	n, err := Elements(where, t.Shape, int64(len(raw)/2+1))
	if err != nil {
		return err
	}
	switch t.Datatype {
	case FP32:
		t.Floats = make([]float32, 0, n)
	case UINT8:
		t.Octets = make([]byte, 0, n)
	case BYTES:
		if err := few(where, n); err != nil {
			return err
		}
		t.Strings = make([][]byte, 0, min(n, len(raw)/3+1))
	default:
		return t.unknown()
	}
	got := 0
	for len(raw) > 0 {
		switch c := raw[0]; c {
		case ' ', '\t', '\n', '\r', ',', '[', ']':
			raw = raw[1:]
			continue
		case '{':
			return fault.New(fault.Invalid, "%s: an object among the data, want numbers or strings", where)
		}
		var item []byte
		item, raw = next(raw)
		if got++; got > n {
			break
		}
		if err := t.add(where, got-1, item); err != nil {
			return err
		}
	}
	if got != n {
		more := ""
		if got > n {
			more = " or more"
		}
		return fault.New(fault.Invalid, "%s: %d elements of data%s, want %d for shape %v", where, got, more, n, t.Shape)
	}
	return nil
}

// next cuts the first string, number or word from raw.
func next(raw []byte) (item, rest []byte) {
	end := 1
	if raw[0] == '"' {
		for end < len(raw) && raw[end] != '"' {
			if raw[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end+1, len(raw))
	} else if i := bytes.IndexAny(raw, " \t\r\n,[]{}\""); i > 0 {
		end = i
	} else {
		end = len(raw)
	}
	return raw[:end], raw[end:]
}

// add appends one element.
func (t *Tensor) add(where string, i int, item []byte) error {
	switch {
	case t.Datatype == BYTES && item[0] == '"':
		var s []byte // encoding/json reads base64 into it
		if json.Unmarshal(item, &s) != nil {
			return fault.New(fault.Invalid, "%s: element %d is not base64 (%s)", where, i, base64.StdEncoding.EncodeToString([]byte("so")))
		}
		t.Strings = append(t.Strings, s)
		return nil
	case t.Datatype == FP32 && item[0] != '"':
		if v, err := strconv.ParseFloat(unsafe.String(&item[0], len(item)), 32); err == nil {
			t.Floats = append(t.Floats, float32(v))
			return nil
		}
	case t.Datatype == UINT8 && item[0] != '"':
		if v, err := strconv.ParseUint(unsafe.String(&item[0], len(item)), 10, 8); err == nil {
			t.Octets = append(t.Octets, byte(v))
			return nil
		}
	}
	return fault.New(fault.Invalid, "%s: element %d is %.40q, want %s", where, i, item, t.Datatype)
}
