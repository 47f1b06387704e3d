package proto

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// What one file may hold. A message may be two bytes long and become a struct of a
// hundred, so their number is bounded, whatever the file's size.
const (
	maxAttrs = 1 << 19
	maxNames = 1 << 20 // inputs and outputs of all nodes

	// MaxRank bounds the dimensions of a tensor or a value.
	MaxRank = 16
)

// decoder counts what it decodes.
type decoder struct {
	nodes, tensors, attrs, names int
	maxNodes, maxTensors         int
	depth                        int // of graphs
}

// LimitError says that a file holds more than it may.
type LimitError struct{ msg string }

func (e *LimitError) Error() string { return e.msg }

func limitf(format string, args ...any) error { return &LimitError{fmt.Sprintf(format, args...)} }

func bound(count *int, most int, what string) error {
	if *count++; *count > most {
		return limitf("got more than %d %s, want at most that", most, what)
	}
	return nil
}

// fields calls f for every field of a message; f gets the number, and the
// value as a varint (also fixed32 and fixed64) or as bytes.
func fields(b []byte, f func(num protowire.Number, typ protowire.Type, v uint64, p []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var v uint64
		var p []byte
		switch typ {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var w uint32
			w, n = protowire.ConsumeFixed32(b)
			v = uint64(w)
		case protowire.Fixed64Type:
			v, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			p, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(num, typ, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(num, typ, v, p); err != nil {
			return err
		}
	}
	return nil
}

// varints appends a repeated integer field, packed or not.
func varints(to []int64, typ protowire.Type, v uint64, p []byte) ([]int64, error) {
	if typ != protowire.BytesType {
		return append(to, int64(v)), nil
	}
	for len(p) > 0 {
		x, n := protowire.ConsumeVarint(p)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		to = append(to, int64(x))
		p = p[n:]
	}
	return to, nil
}

// floats appends a repeated float field, packed or not.
func floats(to []float32, typ protowire.Type, v uint64, p []byte) []float32 {
	if typ != protowire.BytesType {
		return append(to, math.Float32frombits(uint32(v)))
	}
	for ; len(p) >= 4; p = p[4:] {
		to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(p)))
	}
	return to
}

// doubles appends a repeated double field, packed or not.
func doubles(to []float64, typ protowire.Type, v uint64, p []byte) []float64 {
	if typ != protowire.BytesType {
		return append(to, math.Float64frombits(v))
	}
	for ; len(p) >= 8; p = p[8:] {
		to = append(to, math.Float64frombits(binary.LittleEndian.Uint64(p)))
	}
	return to
}
