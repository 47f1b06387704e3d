package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

// smallQuantized is small with all that version 1.1 adds.
func smallQuantized() *Model {
	m := small()
	c := &m.Graph.Nodes[0]
	c.Op, c.Tensors = OpQConv, map[string]string{"weight": "c.w", "scale": "c.s", "bias": "c.b"}
	c.Inputs, c.Quant = []string{"q"}, []Quant{{Scale: 0.1, Zero: 128}}
	q := Node{Name: "q", Op: OpQuantize, Inputs: []string{"x"}, Outputs: []string{"q"}, Quant: []Quant{{Scale: 1e-7, Zero: 0}}}
	m.Graph.Nodes = append([]Node{q}, m.Graph.Nodes...)
	m.Tensors = append(m.Tensors[:1:1],
		Tensor{Name: "c.s", Shape: []int{4}, Data: []float32{1, 2, 0.5, 0.125}},
		Tensor{Name: "c.w", DType: Int8, Shape: []int{4, 2, 1, 1}, Bytes: []byte{0, 1, 127, 128, 129, 255, 2, 3}})
	return m
}

// minorOf is the minor version in a file's header.
func minorOf(b []byte) uint16 { return binary.LittleEndian.Uint16(b[offVersion+2:]) }

func TestQuantizedRoundTrip(t *testing.T) {
	for _, typ := range []Type{Int8, Uint8} {
		m := smallQuantized()
		m.Tensors[2].DType = typ
		b := encode(t, m)
		got, err := Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, m) {
			t.Errorf("got %+v, want %+v", got, m)
		}
		if !bytes.Equal(encode(t, got), b) {
			t.Error("write(read(f)) is not f")
		}
		if half := m.ToFloat16(); !reflect.DeepEqual(half, m) {
			t.Errorf("as float16: got %+v, want what it was: its only matrix is of bytes", half)
		}
	}
}

// A file has the oldest version that knows what is in it, and no other.
func TestMinorVersion(t *testing.T) {
	plain, tensor, scale := encode(t, small()), smallQuantized(), small()
	tensor.Graph.Nodes[0].Quant, tensor.Graph.Nodes[1].Quant = nil, nil
	scale.Graph.Nodes[0].Quant = []Quant{{1, 0}}
	for _, c := range []struct {
		name string
		b    []byte
		want uint16
	}{{"no quantization", plain, 0}, {"a tensor of i8", encode(t, tensor), 1}, {"a scale", encode(t, scale), 1}} {
		if got := minorOf(c.b); got != c.want {
			t.Errorf("%s: got minor version %d, want %d", c.name, got, c.want)
		}
		binary.LittleEndian.PutUint16(c.b[offVersion+2:], 1-c.want)
		if _, err := Read(reseal(c.b)); !errors.Is(err, ErrVersion) {
			t.Errorf("%s with minor version %d: got %v, want ErrVersion", c.name, 1-c.want, err)
		}
		binary.LittleEndian.PutUint16(c.b[offVersion+2:], 2)
		if _, err := Read(reseal(c.b)); !errors.Is(err, ErrVersion) || !strings.Contains(err.Error(), "got 1.2, want 1.0 to 1.1") {
			t.Errorf("%s with minor version 2: got %v, want ErrVersion with both versions", c.name, err)
		}
	}
}

// withQuantizedJSON is the file of smallQuantized with its JSON section changed,
// checksums true.
func withQuantizedJSON(t testing.TB, old, new string) []byte {
	t.Helper()
	b := encode(t, smallQuantized())
	nj := int(binary.LittleEndian.Uint64(b[offJSONLen:]))
	js := string(b[headerSize : headerSize+nj])
	if !strings.Contains(js, old) {
		t.Fatalf("the JSON section has no %q: %s", old, js)
	}
	return buildMinor(1, strings.Replace(js, old, new, 1), b[alignUp(headerSize+nj):])
}

// Scales and zero points that mean nothing are refused, with the node's name.
func TestHostileQuant(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"scale":0.1`, `"scale":0`, `node "c": quant: got scale 0,`},
		{`"scale":0.1`, `"scale":-0`, `node "c": quant: got scale`},
		{`"scale":0.1`, `"scale":-0.1`, `node "c": quant: got scale -0.1,`},
		{`"scale":0.1`, `"scale":1e-16`, `node "c": quant: got scale 1e-16,`},
		{`"scale":0.1`, `"scale":1000000100000000`, `node "c": quant: got scale`},
		{`"scale":0.1`, `"scale":1e+39`, "shortest form"},
		{`"scale":0.1`, `"scale":NaN`, "shortest form"},
		{`"scale":0.1`, `"scale":0.10`, "shortest form"},
		{`"scale":0.1`, `"scale":0.1000000001`, "shortest form"},
		{`"zero":128`, `"zero":256`, `node "c": quant: got zero point 256, want 0 to 255`},
		{`"zero":128`, `"zero":-1`, `node "c": quant: got zero point -1, want 0 to 255`},
		{`"zero":128`, `"zero":1.5`, `want }`},
		{`{"scale":0.1,"zero":128}`, `{"scale":0.1,"zero":128},{"scale":0.1,"zero":128}`, "got 2 scales and zero points, want none, or 1"},
		{`,"quant":[{"scale":0.1,"zero":128}]`, `,"quant":[]`, "scales and zero points, or none of the key"},
		{`,"quant":[{"scale":0.1,"zero":128}]`, `,"quant":null`, "want"},
		{`"dtype":"i8"`, `"dtype":"i16"`, `got dtype "i16", want f32, f16, u8 or i8`},
		{`"dtype":"i8"`, `"dtype":"f16"`, "16 (shape"},
	} {
		if _, err := Read(withQuantizedJSON(t, c.old, c.new)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to say %q", c.new, err, c.want)
		}
	}
	for _, scale := range []float32{float32(math.NaN()), float32(math.Inf(1)), 0, -1, 1e-20, 1e20} {
		m := smallQuantized()
		m.Graph.Nodes[1].Quant[0].Scale = scale
		if _, err := m.Encode(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), `node "c": quant`) {
			t.Errorf("scale %v: got %v, want ErrInvalid and the node's name", scale, err)
		}
	}
}

// A tensor has its elements where its type says.
func TestTensorsOfBytes(t *testing.T) {
	for _, change := range []func(x *Tensor){
		func(x *Tensor) { x.Bytes = x.Bytes[1:] },
		func(x *Tensor) { x.Data = make([]float32, 1) },
		func(x *Tensor) { x.Bytes, x.Data = nil, make([]float32, 8) },
		func(x *Tensor) { x.DType = Float32 },
	} {
		m := smallQuantized()
		change(&m.Tensors[2])
		if err := m.Check(); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), `tensor "c.w"`) {
			t.Errorf("%+v: got %v, want ErrInvalid and the tensor's name", m.Tensors[2], err)
		}
	}
}
