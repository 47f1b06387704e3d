package weights

import (
	"encoding/binary"
	"math"
	"testing"
)

func TestTypes(t *testing.T) {
	for _, c := range []struct {
		t      Type
		name   string
		size   int
		inFile bool
	}{{Float32, "f32", 4, true}, {Float16, "f16", 2, true}, {Uint8, "u8", 1, true}, {Int8, "i8", 1, true}} {
		if c.t.String() != c.name || c.t.Size() != c.size || c.t.InFile() != c.inFile {
			t.Errorf("%d: got %v, %d bytes, in a file %v; want %s, %d, %v", c.t, c.t, c.t.Size(), c.t.InFile(), c.name, c.size, c.inFile)
		}
		got, ok := typeInFile(c.name)
		if ok != c.inFile || ok && got != c.t {
			t.Errorf("%s in a file: got %v, %v, want %v, %v", c.name, got, ok, c.t, c.inFile)
		}
	}
	if odd := Type(200); odd.InFile() || odd.String() != "Type(200)" {
		t.Errorf("got %v, in a file %v; want Type(200), false", odd, odd.InFile())
	}
}

// What a type writes, it reads: in bulk, one by one, and as round says.
func TestTypesRoundTrip(t *testing.T) {
	src := []float32{0, -1, 1.0 / 3, 65504, -5.9604645e-08, 1e-30, float32(math.Copysign(0, -1))}
	for k := range elementTypes {
		if Type(k).Integer() {
			continue
		}
		e := &elementTypes[k]
		b, dst := make([]byte, len(src)*e.size), make([]float32, len(src))
		if at := e.encode(b, src); at >= 0 {
			t.Errorf("%s: got value %d as too large, want none", e.name, at)
		}
		if !e.decode(dst, b) {
			t.Errorf("%s: got a value that is not finite, want none", e.name)
		}
		for i, v := range src {
			want := math.Float32bits(e.round(v))
			if got := math.Float32bits(dst[i]); got != want {
				t.Errorf("%s: value %v: got %08x in bulk, want %08x", e.name, v, got, want)
			}
			if got := math.Float32bits(e.at(b, i)); got != want {
				t.Errorf("%s: value %v: got %08x alone, want %08x", e.name, v, got, want)
			}
		}
	}
	b := make([]byte, 6)
	if at := encodeHalves(b, []float32{1, 65520, 2}); at != 1 || binary.LittleEndian.Uint16(b) != 0x3c00 {
		t.Errorf("65520 as a half: got index %d, want 1", at)
	}
}

// Every role that decides is kept from rounding, and only those.
func TestDecidingStaysFloat32(t *testing.T) {
	m := &Model{Graph: Graph{Nodes: []Node{
		{Op: OpDynamicShuffle, Tensors: map[string]string{"w1": "a", "b1": "b", "w2": "c", "b2": "d"}},
		{Op: OpStaticDynamicShuffle, Tensors: map[string]string{"w1": "e", "w2": "f", "weight": "g"}},
		{Op: "other", Tensors: map[string]string{"w1": "h"}},
	}}}
	for _, name := range "abcdefgh" {
		m.Tensors = append(m.Tensors, Tensor{Name: string(name), Shape: []int{1, 1}, Data: []float32{1.0 / 3}})
	}
	for _, x := range m.ToFloat16().Tensors {
		if want := x.Name >= "g"; (x.DType == Float16) != want || (x.Data[0] != 1.0/3) != want {
			t.Errorf("tensor %s: got %v, %v; want float16: %v", x.Name, x.DType, x.Data[0], want)
		}
	}
}
