package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of messages, appended to b.

func num(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func str(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func msg(b []byte, field protowire.Number, p []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), p)
}

// tensorMessage is a TensorProto.
func tensorMessage(name string, dtype int64, shape []int, raw []byte) []byte {
	var t []byte
	for _, d := range shape {
		t = num(t, 1, int64(d))
	}
	return msg(str(num(t, 2, dtype), 8, name), 9, raw)
}

// initFloats adds an initializer.
func (e *exporter) initFloats(name string, shape []int, data []float32) {
	raw := make([]byte, 4*len(data))
	for i, v := range data {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
	}
	e.inits = msg(e.inits, 5, tensorMessage(name, typeFloat, shape, raw))
}

// initInts adds a list as an initializer, once, and returns its name.
func (e *exporter) initInts(v ...int) string {
	key := fmt.Sprint("ints", v)
	if name := e.tensors[key]; name != "" {
		return name
	}
	raw := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(raw[8*i:], uint64(int64(x)))
	}
	name := e.fresh(fmt.Sprintf("riffle/list%d", len(e.tensors)))
	e.tensors[key] = name
	e.inits = msg(e.inits, 5, tensorMessage(name, typeInt64, []int{len(v)}, raw))
	return name
}

// valueInfo is a graph input or output, the batch in front.
func (e *exporter) valueInfo(name string) []byte {
	batch := num(nil, 1, 1)
	if e.open {
		batch = str(nil, 2, "N")
	}
	shape := msg(nil, 1, batch)
	for _, d := range e.shapes[name] {
		shape = msg(shape, 1, num(nil, 1, int64(d)))
	}
	tensor := msg(num(nil, 1, typeFloat), 2, shape)
	return msg(str(nil, 1, name), 2, msg(nil, 1, tensor))
}

// attr is a node's attribute: an int or a list of ints.
type attr struct {
	name string
	v    []int
	list bool
}

func one(name string, v int) attr     { return attr{name, []int{v}, false} }
func many(name string, v ...int) attr { return attr{name, v, true} }

// put adds a node; op may have a domain in front.
func (e *exporter) put(name, op string, in, out []string, attrs ...attr) {
	var n []byte
	for _, s := range in {
		n = str(n, 1, s)
	}
	for _, s := range out {
		n = str(n, 2, s)
	}
	domain, op, found := strings.Cut(op, ".")
	if !found {
		domain, op = "", domain
	}
	n = str(str(n, 3, name), 4, op)
	for _, a := range attrs {
		p := str(nil, 1, a.name)
		if a.list {
			for _, v := range a.v {
				p = num(p, 8, int64(v))
			}
			p = num(p, 20, 7) // INTS
		} else {
			p = num(num(p, 3, int64(a.v[0])), 20, 2) // INT
		}
		n = msg(n, 5, p)
	}
	if domain != "" {
		n = str(n, 7, domain)
	}
	e.nodes = msg(e.nodes, 1, n)
}
