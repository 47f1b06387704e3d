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
	producer string
	graph    *protoGraph
	opsets   map[string]int64
}

type protoGraph struct {
	name         string
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
	typ    int64 // 0: not said
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

// What one file may hold. A message may be two bytes long and become a struct of a
// hundred, so their number is bounded, whatever the file's size.
const (
	maxAttrs = 1 << 19
	maxNames = 1 << 20 // inputs and outputs of all nodes
	maxRank  = 16      // of a tensor or a value
)

// decoder counts what it decodes.
type decoder struct {
	nodes, tensors, attrs, names int
	limits
}

func bound(count *int, most int, what string) error {
	if *count++; *count > most {
		return fmt.Errorf("got more than %d %s, want at most that", most, what)
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

func floats(to []float32, typ protowire.Type, v uint64, p []byte) []float32 {
	if typ != protowire.BytesType {
		return append(to, math.Float32frombits(uint32(v)))
	}
	for ; len(p) >= 4; p = p[4:] {
		to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(p)))
	}
	return to
}

func parseModel(b []byte, l limits) (*protoModel, error) {
	m := &protoModel{opsets: map[string]int64{}}
	d := decoder{limits: l}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) (err error) {
		switch num {
		case 2:
			m.producer = string(p)
		case 7:
			m.graph, err = d.graph(p)
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
			if err == nil {
				err = bound(&d.names, maxNames, "names")
			}
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

func (d *decoder) graph(b []byte) (*protoGraph, error) {
	g := &protoGraph{}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			n, err := d.node(p)
			g.nodes = append(g.nodes, n)
			return err
		case 2:
			g.name = string(p)
		case 5:
			t, err := d.tensor(p)
			g.initializers = append(g.initializers, t)
			return err
		case 11, 12:
			v, err := d.value(p)
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

func (d *decoder) node(b []byte) (*protoNode, error) {
	if err := bound(&d.nodes, d.maxNodes, "nodes"); err != nil {
		return nil, err
	}
	n := &protoNode{}
	err := fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, p []byte) error {
		switch num {
		case 1:
			n.inputs = append(n.inputs, string(p))
			return bound(&d.names, maxNames, "names")
		case 2:
			n.outputs = append(n.outputs, string(p))
			return bound(&d.names, maxNames, "names")
		case 3:
			n.name = string(p)
		case 4:
			n.op = string(p)
		case 7:
			n.domain = string(p)
		case 5:
			name, a, err := d.attr(p)
			if n.attrs == nil {
				n.attrs = map[string]*protoAttr{}
			}
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

func (d *decoder) attr(b []byte) (name string, a *protoAttr, err error) {
	if err := bound(&d.attrs, maxAttrs, "attributes"); err != nil {
		return "", nil, err
	}
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
			a.t, err = d.tensor(p)
		case 6, 10, 11:
			a.graph = true
		case 20:
			a.typ = int64(v)
		case 7:
			a.floats = floats(a.floats, typ, v, p)
		case 8:
			a.ints, err = varints(a.ints, typ, v, p)
		}
		return err
	})
	return name, a, err
}

func (d *decoder) tensor(b []byte) (*protoTensor, error) {
	if err := bound(&d.tensors, d.maxTensors, "tensors"); err != nil {
		return nil, err
	}
	t := &protoTensor{}
	err := fields(b, func(num protowire.Number, typ protowire.Type, v uint64, p []byte) (err error) {
		switch num {
		case 1:
			if t.dims, err = varints(t.dims, typ, v, p); err == nil && len(t.dims) > maxRank {
				err = fmt.Errorf("tensor %q: got more than %d dimensions, want at most that", t.name, maxRank)
			}
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

func (d *decoder) value(b []byte) (protoValue, error) {
	var val protoValue
	if err := bound(&d.names, maxNames, "names"); err != nil {
		return val, err
	}
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
							if val.dims = append(val.dims, dim); err == nil && len(val.dims) > maxRank {
								err = fmt.Errorf("value %q: got more than %d dimensions, want at most that", val.name, maxRank)
							}
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
