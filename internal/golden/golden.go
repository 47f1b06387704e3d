// Package golden reads what the trainer computed, for tests: the files of testdata, which
// testdata/README.md describes.
package golden

import "github.com/riffle-ml/riffle/internal/safetensors"

// Array is a tensor, row-major. Every element type becomes float64, exactly.
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
	tensors, meta, err := safetensors.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	arrays = map[string]*Array{}
	for name, t := range tensors {
		arrays[name] = &Array{t.Shape, t.Float64()}
	}
	return arrays, meta, nil
}
