package oip

import (
	"encoding/binary"
	"math"

	"github.com/riffle-ml/riffle/serve/internal/fault"
)

// Binary sets t's elements from the protocol's binary form: numbers little-endian, an
// element of BYTES as its length in 4 bytes, little-endian, and its bytes. t has its
// datatype and shape already. Octets and Strings are parts of b, not copies. b must be
// consumed exactly.
func (t *Tensor) Binary(b []byte) error {
	where := "input " + t.Name
	size, ok := map[string]int{FP32: 4, UINT8: 1, INT64: 8, BYTES: 4}[t.Datatype]
	if !ok {
		return t.unknown()
	}
	n, err := Elements(where, t.Shape, int64(len(b)/size))
	if err != nil {
		return err
	}
	if t.Datatype != BYTES && len(b) != n*size {
		return fault.New(fault.Invalid, "%s: %d bytes of data, want %d for %s %v", where, len(b), n*size, t.Datatype, t.Shape)
	}
	switch t.Datatype {
	case FP32:
		t.Floats = make([]float32, n)
		for i := range t.Floats {
			t.Floats[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case INT64:
		t.Ints = make([]int64, n)
		for i := range t.Ints {
			t.Ints[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		}
	case UINT8:
		t.Octets = b
	case BYTES:
		t.Strings, err = cut(where, b, n)
	}
	return err
}

// cut separates n elements of BYTES.
func cut(where string, b []byte, n int) ([][]byte, error) {
	if err := few(where, n); err != nil {
		return nil, err
	}
	parts := make([][]byte, n)
	for i := range parts {
		if len(b) < 4 {
			return nil, fault.New(fault.Invalid, "%s: the data ends before the length of element %d", where, i)
		}
		size := binary.LittleEndian.Uint32(b)
		b = b[4:]
		if uint64(size) > uint64(len(b)) {
			return nil, fault.New(fault.Invalid, "%s: element %d has a length of %d, and %d bytes are left", where, i, size, len(b))
		}
		parts[i], b = b[:size:size], b[size:]
	}
	if len(b) > 0 {
		return nil, fault.New(fault.Invalid, "%s: %d bytes of data behind element %d, the last", where, len(b), n-1)
	}
	return parts, nil
}

// AppendBinary appends t's elements in the binary form.
func (t *Tensor) AppendBinary(b []byte) []byte {
	for _, v := range t.Floats {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	for _, v := range t.Ints {
		b = binary.LittleEndian.AppendUint64(b, uint64(v))
	}
	b = append(b, t.Octets...)
	for _, s := range t.Strings {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	return b
}

// BinarySize is how many bytes AppendBinary appends.
func (t *Tensor) BinarySize() int {
	n := 4*len(t.Floats) + 8*len(t.Ints) + len(t.Octets)
	for _, s := range t.Strings {
		n += 4 + len(s)
	}
	return n
}

func (t *Tensor) unknown() error {
	return fault.New(fault.Invalid, "input %s: datatype %q, want %s, %s or %s", t.Name, t.Datatype, FP32, UINT8, BYTES)
}
