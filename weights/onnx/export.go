package onnx

import (
	"errors"
	"fmt"
	"io"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

// ExportOption changes what Export writes.
type ExportOption func(*exporter)

// WithCustomDomain writes dynamic operators as nodes of the domain "riffle",
// which other engines cannot run. Without it they are an error.
func WithCustomDomain() ExportOption { return func(e *exporter) { e.custom = true } }

// WithSymbolicBatch leaves the batch dimension open, named N. Default: 1.
func WithSymbolicBatch() ExportOption { return func(e *exporter) { e.open = true } }

const (
	exportOpset = 13
	exportIR    = 7
)

// Write writes Export's file to w.
func Write(w io.Writer, m *weights.Model, opts ...ExportOption) error {
	b, err := Export(m, opts...)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Export returns the model as an ONNX file of opset 13: the same network, with a batch
// dimension in front of every shape. Names of values and nodes stay. Labels,
// preprocessing and provenance have no place in the file. A quantized network is written
// as QDQ: float32 operators between DequantizeLinear and QuantizeLinear, weights of int8
// with a scale for each output channel, activations of uint8. Channels that a concat joins
// get one scale there. An operator that ONNX lacks,
// and a model that no engine could run, is an [Error] that names the node.
func Export(m *weights.Model, opts ...ExportOption) ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, &Error{Kind: ErrInvalid, Msg: err.Error()}
	}
	shared := &grids{of: map[string]int{}}
	e := newExporter(m, shared, opts)
	err := e.graph()
	if err == nil && shared.changed { // once more, now that all grids are known
		e = newExporter(m, shared, opts)
		err = e.graph()
	}
	if err != nil {
		return nil, err
	}
	outputs, batch := e.outputs(), 1
	if e.open {
		batch = 0
	}
	var g []byte
	g = append(g, e.nodes...)
	if m.Name == "" {
		g = proto.AppendText(g, 2, noName) // ONNX wants one
	} else {
		g = proto.AppendText(g, 2, m.Name)
	}
	g = append(g, e.inits...)
	for _, in := range m.Graph.Inputs {
		g = proto.AppendMessage(g, 11, proto.ValueInfo(in.Name, batch, e.shapes[in.Name]))
	}
	for _, out := range outputs {
		g = proto.AppendMessage(g, 12, proto.ValueInfo(out, batch, e.shapes[out]))
	}
	b := proto.AppendInt(nil, 1, exportIR)
	b = proto.AppendText(b, 2, producer)
	b = proto.AppendMessage(b, 7, g)
	b = proto.AppendMessage(b, 8, proto.AppendInt(proto.AppendText(nil, 1, ""), 2, int64(e.opset)))
	if e.custom {
		b = proto.AppendMessage(b, 8, proto.AppendInt(proto.AppendText(nil, 1, domain), 2, 1))
	}
	return b, nil
}

func newExporter(m *weights.Model, shared *grids, opts []ExportOption) *exporter {
	e := &exporter{
		m: m, opset: exportOpset, shapes: map[string][]int{}, names: map[string]bool{}, suffix: map[string]int{},
		tensors: map[string]string{}, grids: shared, quantized: map[string]*coded{},
	}
	for _, o := range opts {
		o(e)
	}
	for _, in := range m.Graph.Inputs {
		e.shapes[in.Name], e.names[in.Name] = in.Shape, true
	}
	for _, n := range m.Graph.Nodes {
		for _, o := range n.Outputs {
			e.names[o] = true
		}
	}
	return e
}

// graph writes all nodes.
func (e *exporter) graph() error {
	for i := range e.m.Graph.Nodes {
		n := &e.m.Graph.Nodes[i]
		if err := e.node(n); err != nil {
			kind := ErrInvalid
			if errors.Is(err, ErrUnsupported) {
				kind = ErrUnsupported
			}
			return &Error{Kind: kind, Node: n.Name, Op: n.Op, Msg: err.Error()}
		}
	}
	return nil
}

// outputs names the graph's outputs. ONNX wants each once, and made by a node.
func (e *exporter) outputs() []string {
	var out []string
	taken := map[string]bool{}
	for _, in := range e.m.Graph.Inputs {
		taken[in.Name] = true
	}
	for _, o := range e.m.Graph.Outputs {
		if taken[o] {
			again := e.fresh(o + "/output")
			e.shapes[again] = e.shapes[o]
			e.put(again, "Identity", []string{o}, []string{again})
			o = again
		}
		taken[o] = true
		out = append(out, o)
	}
	return out
}

// node writes one node and keeps its outputs' shapes.
func (e *exporter) node(n *weights.Node) error {
	op := known.operators[n.Op]
	if op == nil {
		return unsupported("unknown operator")
	}
	want := op.inputs
	if want == 0 {
		want = len(n.Inputs)
	}
	if len(n.Inputs) != want || len(n.Outputs) != 1 && !op.several {
		return fmt.Errorf("got %d inputs and %d outputs, want %d and 1", len(n.Inputs), len(n.Outputs), want)
	}
	out, err := e.written(op, n)
	if err != nil {
		return err
	}
	for i, o := range n.Outputs {
		if p, ok := product(out[i]); !ok || p == 0 {
			return fmt.Errorf("output: got shape %v, want 1 to %d elements", out[i], maxSize)
		}
		e.shapes[o] = out[i]
	}
	return nil
}
