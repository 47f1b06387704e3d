package oip

import (
	"bytes"
	"encoding/json"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// What a request may have of the things that take far more memory when they are read than
// bytes in the request: {} in a list of inputs takes three bytes there and a hundred here.
// No request that makes sense comes near.
const (
	mostObjects = 1 << 10 // in its JSON: itself, inputs, outputs, and the parameters of each
	mostMembers = 1 << 13 // of all objects together
	mostStrings = 1 << 16 // elements of one input of BYTES
)

// modest refuses JSON with too many objects or members before it is read. It counts
// characters, also those within strings: base64 has none of them.
func modest(text []byte) error {
	if n := bytes.Count(text, []byte("{")); n > mostObjects {
		return fault.New(fault.Invalid, "the body's JSON has %d times {, want at most %d", n, mostObjects)
	}
	if n := bytes.Count(text, []byte(":")); n > mostMembers {
		return fault.New(fault.Invalid, "the body's JSON has %d times :, want at most %d", n, mostMembers)
	}
	return nil
}

// UnmarshalJSON refuses a shape of very many dimensions before it is read.
func (s *wireShape) UnmarshalJSON(text []byte) error {
	if n := bytes.Count(text, []byte(",")); n > 64 {
		return fault.New(fault.Invalid, "a shape of %d dimensions, want at most 8", n+1)
	}
	return json.Unmarshal(text, (*[]int64)(s))
}

// few refuses an input of BYTES with too many elements.
func few(where string, n int) error {
	if n > mostStrings {
		return fault.New(fault.TooLarge, "%s: %d elements of BYTES, want at most %d", where, n, mostStrings)
	}
	return nil
}
