package onnx

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// What a file of this package's says of itself.
const (
	producer = "riffle"
	noName   = "unnamed" // the name of a graph whose model has none
)

// exporter collects the messages of a GraphProto.
type exporter struct {
	m         *weights.Model
	custom    bool
	opset     int
	open      bool
	shapes    map[string][]int  // value -> its shape for one sample
	names     map[string]bool   // of values and initializers: one space in ONNX
	suffix    map[string]int    // the last number behind a name that was in use
	tensors   map[string]string // what an initializer holds -> its name
	grids     *grids
	quantized map[string]*coded // values of 8 bits
	nodes     []byte
	inits     []byte
}

// need says which opset a node is of, if that is not the usual one.
func (e *exporter) need(opset int) { e.opset = max(e.opset, opset) }

// fresh returns a name for a value or initializer, like want.
func (e *exporter) fresh(want string) string {
	name := want
	for e.names[name] {
		e.suffix[want]++
		name = fmt.Sprintf("%s.%d", want, e.suffix[want]+1)
	}
	e.names[name] = true
	return name
}

// tensor returns the name of an initializer with a tensor's data in a shape.
func (e *exporter) tensor(t *weights.Tensor, shape ...int) string {
	key := fmt.Sprintf("tensor %q %v", t.Name, shape)
	if e.tensors[key] == "" {
		e.tensors[key] = e.fresh(t.Name)
		e.initFloats(e.tensors[key], shape, t.Data)
	}
	return e.tensors[key]
}

// initFloats adds an initializer.
func (e *exporter) initFloats(name string, shape []int, data []float32) {
	e.inits = proto.AppendMessage(e.inits, 5, proto.FloatTensor(name, shape, data))
}

// initInts adds a list as an initializer, once, and returns its name.
func (e *exporter) initInts(v ...int) string {
	key := fmt.Sprint("ints", v)
	if e.tensors[key] == "" {
		e.tensors[key] = e.fresh(fmt.Sprintf("riffle/list%d", len(e.tensors)))
		e.inits = proto.AppendMessage(e.inits, 5, proto.IntTensor(e.tensors[key], v))
	}
	return e.tensors[key]
}

// initScalar adds one number as an initializer, once, and returns its name.
func (e *exporter) initScalar(v float32) string {
	key := fmt.Sprint("scalar", v)
	if e.tensors[key] == "" {
		e.tensors[key] = e.fresh(fmt.Sprintf("riffle/%v", v))
		e.initFloats(e.tensors[key], nil, []float32{v})
	}
	return e.tensors[key]
}

// put adds a node; op may have a domain in front.
func (e *exporter) put(name, op string, in, out []string, attrs ...[]byte) {
	domain, op, found := strings.Cut(op, ".")
	if !found {
		domain, op = "", domain
	}
	e.nodes = proto.AppendMessage(e.nodes, 1, proto.NodeMessage(name, domain, op, in, out, attrs...))
}
