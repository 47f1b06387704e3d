package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// What of onnx.proto is needed, decoded by hand: field numbers are those of
// onnx.proto3 in the ONNX repository.
type protoModel struct {
	graph  *protoGraph
	opsets map[string]int64
}

type protoGraph struct {
	nodes        []*protoNode
	initializers []*protoTensor
	inputs       []protoValue
	outputs      []protoValue
	sparse       bool
}

type protoNode struct {
	inputs, outputs  []string
	name, op, domain string
	attrs            map[string]*protoAttr
}

type protoAttr struct {
	f      float32
	i      int64
	s      []byte
	t      *protoTensor
	ints   []int64
	floats []float32
	graph  bool
}

type protoTensor struct {
	name     string
	dims     []int64
	dtype    int64
	raw      []byte
	hasRaw   bool
	floats   []float32
	ints     []int64 // int32_data and int64_data
	doubles  []float64
	external bool
}

// protoValue is a graph input or output; a dimension that is not fixed is -1.
type protoValue struct {
	name  string
	dtype int64
	dims  []int64
	shape bool // has one
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

func floats(to []float32, typ protowire.Type, v uint64, p []byte) []float32 {
	if typ != protowire.BytesType {
		return append(to, math.Float32frombits(uint32(v)))
	}
	for ; len(p) >= 4; p = p[4:] {
		to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(p)))
	}
	return to
}

func parseModel(b []byte) (*protoModel, error) {
	m := &protoModel{opsets: map[string]int64{}}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) (err error) {
		switch num {
		case 7:
			m.graph, err = parseGraph(p)
		case 8:
			var domain string
			var version int64
			err = fields(p, func(num protowire.Number, _ protowire.Type, v uint64, p []byte) error {
				switch num {
				case 1:
					domain = string(p)
				case 2:
					version = int64(v)
				}
				return nil
			})
			m.opsets[domain] = version
		}
		return err
	})
	if err != nil {
		return nil, &Error{Kind: ErrNotONNX, Msg: err.Error()}
	}
	if m.graph == nil {
		return nil, &Error{Kind: ErrNotONNX, Msg: "got no graph, want one"}
	}
	return m, nil
}

func parseGraph(b []byte) (*protoGraph, error) {
	g := &protoGraph{}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			n, err := parseNode(p)
			g.nodes = append(g.nodes, n)
			return err
		case 5:
			t, err := parseTensor(p)
			g.initializers = append(g.initializers, t)
			return err
		case 11, 12:
			v, err := parseValue(p)
			if num == 11 {
				g.inputs = append(g.inputs, v)
			} else {
				g.outputs = append(g.outputs, v)
			}
			return err
		case 15:
			g.sparse = true
		}
		return nil
	})
	return g, err
}

func parseNode(b []byte) (*protoNode, error) {
	n := &protoNode{attrs: map[string]*protoAttr{}}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			n.inputs = append(n.inputs, string(p))
		case 2:
			n.outputs = append(n.outputs, string(p))
		case 3:
			n.name = string(p)
		case 4:
			n.op = string(p)
		case 7:
			n.domain = string(p)
		case 5:
			name, a, err := parseAttr(p)
			n.attrs[name] = a
			return err
		}
		return nil
	})
	if n.domain == "ai.onnx" {
		n.domain = ""
	}
	return n, err
}

func parseAttr(b []byte) (name string, a *protoAttr, err error) {
	a = &protoAttr{}
	err = fields(b, func(num protowire.Number, typ protowire.Type, v uint64, p []byte) (err error) {
		switch num {
		case 1:
			name = string(p)
		case 2:
			a.f = math.Float32frombits(uint32(v))
		case 3:
			a.i = int64(v)
		case 4:
			a.s = p
		case 5:
			a.t, err = parseTensor(p)
		case 6, 10, 11:
			a.graph = true
		case 7:
			a.floats = floats(a.floats, typ, v, p)
		case 8:
			a.ints, err = varints(a.ints, typ, v, p)
		}
		return err
	})
	return name, a, err
}

func parseTensor(b []byte) (*protoTensor, error) {
	t := &protoTensor{}
	err := fields(b, func(num protowire.Number, typ protowire.Type, v uint64, p []byte) (err error) {
		switch num {
		case 1:
			t.dims, err = varints(t.dims, typ, v, p)
		case 2:
			t.dtype = int64(v)
		case 4:
			t.floats = floats(t.floats, typ, v, p)
		case 5, 7:
			t.ints, err = varints(t.ints, typ, v, p)
		case 8:
			t.name = string(p)
		case 9:
			t.raw, t.hasRaw = p, true
		case 10:
			if typ != protowire.BytesType {
				t.doubles = append(t.doubles, math.Float64frombits(v))
			}
			for ; len(p) >= 8; p = p[8:] {
				t.doubles = append(t.doubles, math.Float64frombits(binary.LittleEndian.Uint64(p)))
			}
		case 13:
			t.external = true
		case 14:
			t.external = t.external || v == 1
		}
		return err
	})
	return t, err
}

func parseValue(b []byte) (protoValue, error) {
	var val protoValue
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			val.name = string(p)
		case 2: // type
			return fields(p, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
				if num != 1 { // tensor
					return nil
				}
				return fields(p, func(num protowire.Number, _ protowire.Type, v uint64, p []byte) error {
					switch num {
					case 1:
						val.dtype = int64(v)
					case 2: // shape
						val.shape = true
						return fields(p, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
							if num != 1 {
								return nil
							}
							dim := int64(-1)
							err := fields(p, func(num protowire.Number, _ protowire.Type, v uint64, _ []byte) error {
								if num == 1 {
									dim = int64(v)
								}
								return nil
							})
							val.dims = append(val.dims, dim)
							return err
						})
					}
					return nil
				})
			})
		}
		return nil
	})
	return val, err
}

// ONNX element types.
const (
	typeFloat   = 1
	typeInt32   = 6
	typeInt64   = 7
	typeBool    = 9
	typeFloat16 = 10
	typeDouble  = 11
)

// tensor is a constant: exactly one of f and i holds the elements.
type tensor struct {
	name string
	dims []int
	f    []float32
	i    []int64
}

func (t *tensor) isInt() bool { return t.i != nil }

func (t *tensor) len() int {
	if t.isInt() {
		return len(t.i)
	}
	return len(t.f)
}

// decode turns a TensorProto into a constant.
func (p *protoTensor) decode() (*tensor, error) {
	t := &tensor{name: p.name}
	fail := func(format string, args ...any) (*tensor, error) {
		return nil, fmt.Errorf("tensor %q: "+format, append([]any{p.name}, args...)...)
	}
	if p.external {
		return fail("got data in another file, want it in this one")
	}
	n := 1
	for _, d := range p.dims {
		if d < 0 || d > math.MaxInt32 || d > 0 && n > 1<<28/int(d) {
			return fail("got dimensions %v, want at most 2^28 elements", p.dims)
		}
		n *= int(d)
		t.dims = append(t.dims, int(d))
	}
	size := map[int64]int{typeFloat: 4, typeInt32: 4, typeInt64: 8, typeBool: 1, typeFloat16: 2, typeDouble: 8}[p.dtype]
	if size == 0 {
		return fail("got element type %d, want float32, float16, float64, int32, int64 or bool", p.dtype)
	}
	got := len(p.floats) + len(p.ints) + len(p.doubles)
	if p.hasRaw {
		if got != 0 || len(p.raw)%size != 0 {
			return fail("got %d bytes of data, want %d", len(p.raw), n*size)
		}
		got = len(p.raw) / size
	}
	if got != n {
		return fail("got %d elements, want %d (dimensions %v)", got, n, p.dims)
	}
	le := binary.LittleEndian
	switch p.dtype {
	case typeInt32, typeInt64, typeBool:
		t.i = make([]int64, n)
		if !p.hasRaw {
			if len(p.ints) != n {
				return fail("got no integer data, want %d integers", n)
			}
			copy(t.i, p.ints)
			return t, nil
		}
		for k := range t.i {
			switch size {
			case 1:
				t.i[k] = int64(p.raw[k])
			case 4:
				t.i[k] = int64(int32(le.Uint32(p.raw[4*k:])))
			default:
				t.i[k] = int64(le.Uint64(p.raw[8*k:]))
			}
		}
		return t, nil
	}
	t.f = make([]float32, n)
	for k := range t.f {
		switch {
		case p.dtype == typeFloat && p.hasRaw:
			t.f[k] = math.Float32frombits(le.Uint32(p.raw[4*k:]))
		case p.dtype == typeFloat && len(p.floats) == n:
			t.f[k] = p.floats[k]
		case p.dtype == typeDouble && p.hasRaw:
			t.f[k] = float32(math.Float64frombits(le.Uint64(p.raw[8*k:])))
		case p.dtype == typeDouble && len(p.doubles) == n:
			t.f[k] = float32(p.doubles[k])
		case p.dtype == typeFloat16 && p.hasRaw:
			t.f[k] = half(le.Uint16(p.raw[2*k:]))
		case p.dtype == typeFloat16 && len(p.ints) == n:
			t.f[k] = half(uint16(p.ints[k]))
		default:
			return fail("got data of another type than %d", p.dtype)
		}
	}
	return t, nil
}

// half converts IEEE binary16, exactly.
func half(h uint16) float32 {
	exp, frac := int(h>>10&31), float64(h&1023)
	v := math.Ldexp(frac, -24)
	switch {
	case exp == 31 && frac != 0:
		return float32(math.NaN())
	case exp == 31:
		v = math.Inf(1)
	case exp > 0:
		v = math.Ldexp(1024+frac, exp-25)
	}
	if h>>15 == 1 {
		v = -v
	}
	return float32(v)
}
