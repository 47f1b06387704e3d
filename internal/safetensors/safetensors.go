// Package safetensors reads files of tensors by name, as the trainer writes them.
//
// The form is https://huggingface.co/docs/safetensors: 8 bytes, the little-endian length
// of a JSON header; the header; the data. The header maps a name to the element type, the
// shape, and the bytes of the data that are the tensor's; "__metadata__" maps names to text.
//
// It knows bytes. It must not know what the tensors mean.
package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
)

// ErrFormat is wrapped by every error about a file's contents.
var ErrFormat = errors.New("not a readable safetensors file")

func errf(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
}

// Tensor is an array, row-major. Its methods return copies.
type Tensor struct {
	Type  string // F32, F64, I32 or U8
	Shape []int
	bytes []byte
}

// sizes are in bytes, of the element types that are read.
var sizes = map[string]int{"F32": 4, "F64": 8, "I32": 4, "U8": 1}

// Len is the number of elements.
func (t *Tensor) Len() int { return len(t.bytes) / sizes[t.Type] }

// Float64 returns the elements as float64, which is exact for every type.
func (t *Tensor) Float64() []float64 {
	return convert(t, func(v float64) float64 { return v })
}

// Float32 returns the elements as float32, rounded where the type is wider.
func (t *Tensor) Float32() []float32 {
	return convert(t, func(v float64) float32 { return float32(v) })
}

// Ints returns the elements as integers, cut off towards zero where they are none.
func (t *Tensor) Ints() []int {
	return convert(t, func(v float64) int { return int(v) })
}

func convert[T any](t *Tensor, f func(float64) T) []T {
	out, size, le := make([]T, t.Len()), sizes[t.Type], binary.LittleEndian
	for i := range out {
		b := t.bytes[i*size:]
		switch t.Type {
		case "F32":
			out[i] = f(float64(math.Float32frombits(le.Uint32(b))))
		case "F64":
			out[i] = f(math.Float64frombits(le.Uint64(b)))
		case "I32":
			out[i] = f(float64(int32(le.Uint32(b))))
		case "U8":
			out[i] = f(float64(b[0]))
		}
	}
	return out
}

// ReadFile reads the file at path: the tensors by name, and the metadata. The file is
// held in memory as long as one of the tensors is. The error has the path in it; it
// wraps ErrFormat, or is the file system's.
func ReadFile(path string) (tensors map[string]*Tensor, meta map[string]string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if tensors, meta, err = Read(b); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, meta, nil
}

// Read is ReadFile of a file in memory, which must not be changed as long as one of
// the tensors is in use.
func Read(b []byte) (tensors map[string]*Tensor, meta map[string]string, err error) {
	if len(b) < 8 {
		return nil, nil, errf("got %d bytes, want 8 or more", len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n > uint64(len(b)-8) {
		return nil, nil, errf("got a header of %d bytes in a file of %d", n, len(b))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(b[8:8+n], &header); err != nil {
		return nil, nil, errf("the header: %v", err)
	}
	tensors, meta = map[string]*Tensor{}, map[string]string{}
	for name, raw := range header {
		if name == "__metadata__" {
			err = json.Unmarshal(raw, &meta)
		} else {
			tensors[name], err = tensor(raw, b[8+n:])
		}
		if err != nil {
			return nil, nil, errf("%q: %v", name, err)
		}
	}
	return tensors, meta, nil
}

// tensor reads one entry of the header.
func tensor(entry []byte, data []byte) (*Tensor, error) {
	var e struct {
		Type    string `json:"dtype"`
		Shape   []int  `json:"shape"`
		Offsets [2]int `json:"data_offsets"`
	}
	if err := json.Unmarshal(entry, &e); err != nil {
		return nil, err
	}
	size, n := sizes[e.Type], 1
	if size == 0 {
		return nil, fmt.Errorf("got element type %q, want F32, F64, I32 or U8", e.Type)
	}
	for _, d := range e.Shape {
		if d < 0 || d > 0 && n > len(data)/d {
			return nil, fmt.Errorf("got shape %v in a file with %d bytes of data", e.Shape, len(data))
		}
		n *= d
	}
	from, to := e.Offsets[0], e.Offsets[1]
	if from < 0 || to < from || to > len(data) || to-from != n*size {
		return nil, fmt.Errorf("got bytes %d to %d of %d, want %d for %s of shape %v", from, to, len(data), n*size, e.Type, e.Shape)
	}
	return &Tensor{e.Type, e.Shape, data[from:to]}, nil
}
