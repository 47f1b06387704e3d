// Package golden reads what the trainer computed, for tests and comparisons:
// tensors by name in a safetensors container, as testdata/README.md describes it.
package golden

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// Array is a tensor, row-major; every element type becomes float64, exactly.
type Array struct {
	Shape []int
	Data  []float64
}

// Float32 returns the elements as float32.
func (a *Array) Float32() []float32 {
	out := make([]float32, len(a.Data))
	for i, v := range a.Data {
		out[i] = float32(v)
	}
	return out
}

// Ints returns the elements as integers.
func (a *Array) Ints() []int {
	out := make([]int, len(a.Data))
	for i, v := range a.Data {
		out[i] = int(v)
	}
	return out
}

// Read returns the tensors of the file at path, and its metadata.
func Read(path string) (arrays map[string]*Array, meta map[string]string, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	if len(b) < 8 || binary.LittleEndian.Uint64(b) > uint64(len(b)-8) {
		return nil, nil, fmt.Errorf("%s: got %d bytes, want a longer file", path, len(b))
	}
	n := 8 + int(binary.LittleEndian.Uint64(b))
	var header map[string]json.RawMessage
	if err := json.Unmarshal(b[8:n], &header); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	data := b[n:]
	arrays, meta = map[string]*Array{}, map[string]string{}
	for name, raw := range header {
		var e struct {
			DType   string `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}
		if name == "__metadata__" {
			err = json.Unmarshal(raw, &meta)
		} else if err = json.Unmarshal(raw, &e); err == nil {
			arrays[name], err = array(e.DType, e.Shape, data, e.Offsets)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", path, name, err)
		}
	}
	return arrays, meta, nil
}

func array(dtype string, shape []int, data []byte, at [2]int) (*Array, error) {
	size := map[string]int{"F32": 4, "F64": 8, "I32": 4, "U8": 1}[dtype]
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > len(data)/d {
			return nil, fmt.Errorf("got shape %v in %d bytes", shape, len(data))
		}
		n *= d
	}
	if size == 0 || at[0] < 0 || at[1] > len(data) || at[0] > at[1] || at[1]-at[0] != n*size {
		return nil, fmt.Errorf("got %s %v in bytes %v of %d", dtype, shape, at, len(data))
	}
	a := &Array{shape, make([]float64, n)}
	le := binary.LittleEndian
	for i := range a.Data {
		p := data[at[0]+i*size:]
		switch dtype {
		case "F32":
			a.Data[i] = float64(math.Float32frombits(le.Uint32(p)))
		case "U8":
			a.Data[i] = float64(p[0])
		case "F64":
			a.Data[i] = math.Float64frombits(le.Uint64(p))
		default:
			a.Data[i] = float64(int32(le.Uint32(p)))
		}
	}
	return a, nil
}
