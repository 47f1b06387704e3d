package safetensors_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/safetensors"
)

// file is a file of that header and data.
func file(header, data string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
}

const small = `{"__metadata__":{"op":"relu"},` +
	`"f":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"d":{"dtype":"F64","shape":[],"data_offsets":[8,16]},` +
	`"i":{"dtype":"I32","shape":[1],"data_offsets":[16,20]},"u":{"dtype":"U8","shape":[2],"data_offsets":[20,22]},` +
	`"none":{"dtype":"F32","shape":[0,5],"data_offsets":[22,22]}}`

const smallData = "\x00\x00\xc0\x3f\x00\x00\x00\xc0" + "\x00\x00\x00\x00\x00\x00\x04\xc0" + "\xfe\xff\xff\xff" + "\x00\xff"

func TestRead(t *testing.T) {
	tensors, meta, err := safetensors.Read(file(small, smallData))
	if err != nil || len(tensors) != 5 || meta["op"] != "relu" {
		t.Fatalf("got %d tensors, %v, error %v", len(tensors), meta, err)
	}
	for name, c := range map[string]struct {
		shape []int
		want  []float64
	}{
		"f": {[]int{1, 2}, []float64{1.5, -2}}, "d": {[]int{}, []float64{-2.5}}, "i": {[]int{1}, []float64{-2}},
		"u": {[]int{2}, []float64{0, 255}}, "none": {[]int{0, 5}, []float64{}},
	} {
		x := tensors[name]
		if !slices.Equal(x.Shape, c.shape) || !slices.Equal(x.Float64(), c.want) || x.Len() != len(c.want) {
			t.Errorf("%s: got %v %v, want %v %v", name, x.Shape, x.Float64(), c.shape, c.want)
		}
		for i, v := range c.want {
			if x.Float32()[i] != float32(v) || x.Ints()[i] != int(v) {
				t.Errorf("%s: got %v and %v, want %v", name, x.Float32(), x.Ints(), c.want)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	entry := func(text string) []byte { return file(`{"x":`+text+`}`, "12345678") }
	for what, b := range map[string][]byte{
		"got 3 bytes":                       []byte("abc"),
		"a header of 18446744073709551615":  []byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"),
		"the header: ":                      file(`{"x"`, ""),
		`"x": json: `:                       entry(`[]`),
		`element type "F16"`:                entry(`{"dtype":"F16","shape":[4],"data_offsets":[0,8]}`),
		`got shape [-1]`:                    entry(`{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}`),
		`got shape [4294967296 4294967296]`: entry(`{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}`),
		`bytes 0 to 9 of 8, want 8`:         entry(`{"dtype":"F32","shape":[2],"data_offsets":[0,9]}`),
		`bytes 4 to 8 of 8, want 8`:         entry(`{"dtype":"F32","shape":[2],"data_offsets":[4,8]}`),
		`bytes 8 to 0 of 8`:                 entry(`{"dtype":"F32","shape":[2],"data_offsets":[8,0]}`),
		`bytes -8 to 0 of 8`:                entry(`{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}`),
		`"__metadata__": `:                  file(`{"__metadata__":{"a":1}}`, ""),
	} {
		if _, _, err := safetensors.Read(b); !errors.Is(err, safetensors.ErrFormat) || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want %q", err, what)
		}
	}
	path := filepath.Join(t.TempDir(), "x")
	if _, _, err := safetensors.ReadFile(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want not exist", err)
	}
	if err := os.WriteFile(path, []byte("abc"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := safetensors.ReadFile(path); err == nil || !strings.HasPrefix(err.Error(), path) {
		t.Errorf("got %v, want the path in it", err)
	}
}

// FuzzRead: no bytes make it panic; what it returns lies in the file.
func FuzzRead(f *testing.F) {
	f.Add(file(small, smallData))
	f.Add(file(`{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}`, "123"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tensors, _, err := safetensors.Read(b)
		if err != nil {
			if !errors.Is(err, safetensors.ErrFormat) {
				t.Fatalf("got %v, want an error of ErrFormat", err)
			}
			return
		}
		for name, x := range tensors {
			n := 1
			for _, d := range x.Shape {
				n *= d
			}
			if got := x.Float64(); len(got) != n || n > len(b) {
				t.Fatalf("%q: got %d elements, want %d", name, len(got), n)
			}
			if x.Type == "F32" {
				for i, v := range x.Float32() {
					if w := x.Float64()[i]; float64(v) != w && !math.IsNaN(w) {
						t.Fatalf("%q: got %v and %v", name, v, w)
					}
				}
			}
		}
	})
}
