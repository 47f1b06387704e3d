package onnx_test

import (
	"encoding/binary"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// file builds an ONNX file by hand, for what no exporter at hand writes. Field
// numbers are those of onnx.proto3.
type file struct {
	opset    int64
	riffle   bool // with an opset for the domain riffle
	nodes    []byte
	inits    []byte
	inputs   []byte
	outputs  []byte
	extra    []byte // more fields of the graph
	unnamed  bool   // nodes have no names
	constant bool   // see TestHostile
}

func vint(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func blob[T string | []byte](b []byte, field protowire.Number, p T) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), []byte(p))
}

func fixed32(b []byte, field protowire.Number, v float32) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(b, field, protowire.Fixed32Type), math.Float32bits(v))
}

// newFile has one float32 input x; a dimension of 0 or less is symbolic.
func newFile(opset int64, shape ...int64) *file {
	f := &file{opset: opset}
	f.inputs = blob(f.inputs, 11, valueInfo("x", 1, shape...))
	return f
}

func valueInfo(name string, dtype int64, shape ...int64) []byte {
	var dims []byte
	for _, d := range shape {
		dim := vint(nil, 1, d)
		if d <= 0 {
			dim = blob(nil, 2, "batch")
		}
		dims = blob(dims, 1, dim)
	}
	tensor := blob(vint(nil, 1, dtype), 2, dims)
	return blob(blob(nil, 1, name), 2, blob(nil, 1, tensor))
}

// out names the graph's outputs.
func (f *file) out(names ...string) *file {
	for _, n := range names {
		f.outputs = blob(f.outputs, 12, valueInfo(n, 1, -1))
	}
	return f
}

// bytes is the whole file.
func (f *file) bytes() []byte {
	g := append([]byte(nil), f.nodes...)
	g = blob(g, 2, "graph")
	g = append(g, f.inits...)
	g = append(g, f.inputs...)
	g = append(g, f.outputs...)
	g = append(g, f.extra...)
	b := vint(nil, 1, 8)
	b = blob(b, 2, "test")
	b = blob(b, 7, g)
	b = blob(b, 8, vint(blob(nil, 1, ""), 2, f.opset))
	if f.riffle {
		b = blob(b, 8, vint(blob(nil, 1, "riffle"), 2, 1))
	}
	return b
}

// Element types of onnx.proto3.
const (
	float32Type = 1
	uint8Type   = 2
	int8Type    = 3
	int32Type   = 6
	int64Type   = 7
	float16Type = 10
	doubleType  = 11
)

// tensorProto has its elements in raw_data, or in the field for the type.
func tensorProto(name string, dtype int64, raw bool, dims []int64, v ...float64) []byte {
	var t, data, packed []byte
	for _, d := range dims {
		t = vint(t, 1, d)
	}
	t = vint(t, 2, dtype)
	t = blob(t, 8, name)
	le := binary.LittleEndian
	field := protowire.Number(4)
	for _, x := range v {
		switch dtype {
		case float32Type:
			data = le.AppendUint32(data, math.Float32bits(float32(x)))
			packed = le.AppendUint32(packed, math.Float32bits(float32(x)))
		case doubleType:
			field = 10
			data = le.AppendUint64(data, math.Float64bits(x))
			packed = le.AppendUint64(packed, math.Float64bits(x))
		case int32Type:
			field = 5
			data = le.AppendUint32(data, uint32(int32(x)))
			packed = protowire.AppendVarint(packed, uint64(int64(x)))
		case uint8Type, int8Type:
			field = 5
			data = append(data, byte(int64(x)))
			packed = protowire.AppendVarint(packed, uint64(int64(x)))
		case int64Type:
			field = 7
			data = le.AppendUint64(data, uint64(int64(x)))
			packed = protowire.AppendVarint(packed, uint64(int64(x)))
		case float16Type:
			field = 5
			h := half(x)
			data = le.AppendUint16(data, h)
			packed = protowire.AppendVarint(packed, uint64(h))
		}
	}
	if raw {
		return blob(t, 9, data)
	}
	return blob(t, field, packed)
}

// half converts a normal number that binary16 has exactly.
func half(x float64) uint16 {
	if x == 0 {
		return 0
	}
	frac, exp := math.Frexp(math.Abs(x)) // 0.5 <= frac < 1
	h := uint16(exp+14)<<10 | uint16((frac*2-1)*1024)
	if x < 0 {
		h |= 1 << 15
	}
	return h
}

// tensor adds an initializer.
func (f *file) tensor(name string, dtype int64, dims []int64, v ...float64) *file {
	f.inits = blob(f.inits, 5, tensorProto(name, dtype, true, dims, v...))
	return f
}

// floats adds a float32 initializer with values that differ: 0.1 to 1.3.
func (f *file) floats(name string, dims ...int64) *file {
	n := int64(1)
	for _, d := range dims {
		n *= d
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(float32(0.1 + 0.1*float64((i*7+len(name))%13)))
		if i%3 == 1 {
			v[i] = -v[i]
		}
	}
	return f.tensor(name, float32Type, dims, v...)
}

// ints adds an int64 vector.
func (f *file) ints(name string, v ...int) *file {
	x := make([]float64, len(v))
	for i := range v {
		x[i] = float64(v[i])
	}
	return f.tensor(name, int64Type, []int64{int64(len(v))}, x...)
}

// node adds a node. in and out are names with spaces between; "_" is a name
// left out. op may have its domain in front.
func (f *file) node(op, in, out string, attrs ...[]byte) *file {
	domain, name, ok := strings.Cut(op, ".")
	if !ok {
		domain, name = "", op
	}
	var n []byte
	for i, list := range []string{in, out} {
		for _, s := range strings.Fields(list) {
			if s == "_" {
				s = ""
			}
			n = blob(n, protowire.Number(1+i), s)
		}
	}
	if !f.unnamed {
		n = blob(n, 3, "node_"+strings.Fields(out)[0])
	}
	n = blob(n, 4, name)
	for _, a := range attrs {
		n = blob(n, 5, a)
	}
	n = blob(n, 7, domain)
	f.nodes = blob(f.nodes, 1, n)
	return f
}

func attrInt(name string, v int64) []byte { return vint(vint(blob(nil, 1, name), 3, v), 20, 2) }
func attrInts(name string, v ...int64) []byte {
	a := blob(nil, 1, name)
	for _, x := range v {
		a = vint(a, 8, x)
	}
	return vint(a, 20, 7)
}
func attrFloat(name string, v float32) []byte { return vint(fixed32(blob(nil, 1, name), 2, v), 20, 1) }
func attrFloats(name string, v ...float32) []byte {
	a := blob(nil, 1, name)
	for _, x := range v {
		a = fixed32(a, 7, x)
	}
	return vint(a, 20, 6)
}
func attrString(name, v string) []byte { return vint(blob(blob(nil, 1, name), 4, v), 20, 3) }
func attrTensor(name string, t []byte) []byte {
	return vint(blob(blob(nil, 1, name), 5, t), 20, 4)
}
func attrGraph(name string) []byte {
	return vint(blob(blob(nil, 1, name), 6, blob(nil, 2, "body")), 20, 5)
}
