package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/riffle-ml/riffle/weights"
)

// ExportOption changes what Export writes.
type ExportOption func(*exporter)

// WithCustomDomain writes dynamic operators as nodes of the domain "riffle",
// which other engines cannot run. Without it they are an error.
func WithCustomDomain() ExportOption { return func(e *exporter) { e.custom = true } }

// WithSymbolicBatch leaves the batch dimension open, named N. Default: 1.
func WithSymbolicBatch() ExportOption { return func(e *exporter) { e.batch = 0 } }

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

// ReadFile imports the file at path, of at most 1 GiB.
func ReadFile(path string, opts ...Option) (*weights.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 1 << 30
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if len(b) > most {
		return nil, fmt.Errorf("%s: got more than %d bytes, want at most that", path, most)
	}
	m, err := Import(b, opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// exporter collects the messages of a GraphProto.
type exporter struct {
	m      *weights.Model
	custom bool
	batch  int64 // 0: symbolic
	shapes map[string][]int
	nodes  []byte
	inits  []byte
	extra  int // constants made on the way
}

// Export writes the model as ONNX, opset 13, for any other engine: the very same
// network, with one batch dimension in front. It fails with an [Error] that
// names the node where ONNX has no such operator. The model must be one that
// the engine accepts.
func Export(m *weights.Model, opts ...ExportOption) ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	e := &exporter{m: m, batch: 1, shapes: map[string][]int{}}
	for _, o := range opts {
		o(e)
	}
	for _, in := range m.Graph.Inputs {
		e.shapes[in.Name] = in.Shape
	}
	for i := range m.Tensors {
		e.initializer(m.Tensors[i].Name, m.Tensors[i].Shape, m.Tensors[i].Data)
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if err := e.node(n); err != nil {
			return nil, &Error{Kind: ErrUnsupported, Node: n.Name, Op: n.Op, Msg: err.Error()}
		}
	}
	var g []byte
	g = append(g, e.nodes...)
	g = str(g, 2, m.Name)
	g = append(g, e.inits...)
	for _, in := range m.Graph.Inputs {
		g = msg(g, 11, e.valueInfo(in.Name))
	}
	for _, out := range m.Graph.Outputs {
		g = msg(g, 12, e.valueInfo(out))
	}
	var b []byte
	b = num(b, 1, exportIR)
	b = str(b, 2, "riffle")
	b = msg(b, 7, g)
	b = msg(b, 8, num(str(nil, 1, ""), 2, exportOpset))
	if e.custom {
		b = msg(b, 8, num(str(nil, 1, "riffle"), 2, 1))
	}
	return b, nil
}

func num(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func str(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func msg(b []byte, field protowire.Number, p []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), p)
}

func (e *exporter) initializer(name string, shape []int, data []float32) {
	raw := make([]byte, 4*len(data))
	for i, v := range data {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
	}
	e.tensor(name, typeFloat, shape, raw)
}

func (e *exporter) tensor(name string, dtype int64, shape []int, raw []byte) {
	var t []byte
	for _, d := range shape {
		t = num(t, 1, int64(d))
	}
	t = num(t, 2, dtype)
	t = str(t, 8, name)
	t = msg(t, 9, raw)
	e.inits = msg(e.inits, 5, t)
}

// ints adds an integer constant and returns its name.
func (e *exporter) ints(v ...int) string {
	raw := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(raw[8*i:], uint64(int64(x)))
	}
	e.extra++
	name := fmt.Sprintf("riffle/const%d", e.extra)
	e.tensor(name, typeInt64, []int{len(v)}, raw)
	return name
}

// column adds a copy of a vector tensor with shape [C 1 1], to broadcast over
// planes, and returns its name.
func (e *exporter) column(t *weights.Tensor, rank int) string {
	if rank == 1 {
		return t.Name
	}
	e.extra++
	name := fmt.Sprintf("riffle/const%d", e.extra)
	e.initializer(name, []int{len(t.Data), 1, 1}, t.Data)
	return name
}

func (e *exporter) valueInfo(name string) []byte {
	batch := num(nil, 1, e.batch)
	if e.batch == 0 {
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

// put adds a node.
func (e *exporter) put(name, op string, in, out []string, attrs ...attr) {
	var n []byte
	for _, s := range in {
		n = str(n, 1, s)
	}
	for _, s := range out {
		n = str(n, 2, s)
	}
	n = str(n, 3, name)
	domain := ""
	if len(op) > 7 && op[:7] == "riffle." {
		domain, op = "riffle", op[7:]
	}
	n = str(n, 4, op)
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

// node writes one node and keeps its outputs' shapes.
func (e *exporter) node(n *weights.Node) error {
	s := e.shapes[n.Inputs[0]]
	out := n.Outputs[0]
	tensor := func(role string) *weights.Tensor { return e.m.Tensor(n.Tensors[role]) }
	same := func(op string, attrs ...attr) {
		e.shapes[out] = s
		e.put(n.Name, op, n.Inputs, n.Outputs, attrs...)
	}
	withTensors := func(roles ...string) []string {
		in := append([]string(nil), n.Inputs...)
		for _, r := range roles {
			if t := n.Tensors[r]; t != "" {
				in = append(in, t)
			}
		}
		return in
	}
	switch n.Op {
	case weights.OpConv:
		w := tensor("weight")
		k, st, d, p := n.Attrs["kernel"], n.Attr("stride", 1, 1), n.Attr("dilation", 1, 1), n.Attr("pad", 0, 0, 0, 0)
		if w == nil || len(w.Shape) != 4 || len(s) != 3 || len(k) != 2 || len(st) != 2 || len(d) != 2 || len(p) != 4 {
			return fmt.Errorf("got a convolution that the engine would refuse")
		}
		e.put(n.Name, "Conv", withTensors("weight", "bias"), n.Outputs,
			many("kernel_shape", k...), many("strides", st...), many("dilations", d...), many("pads", p...), one("group", n.Attr("groups", 1)[0]))
		e.shapes[out] = []int{w.Shape[0], (s[1]+p[0]+p[2]-d[0]*(k[0]-1)-1)/st[0] + 1, (s[2]+p[1]+p[3]-d[1]*(k[1]-1)-1)/st[1] + 1}
	case weights.OpAffine:
		mid := out + "/scaled"
		e.put(n.Name+"/scale", "Mul", []string{n.Inputs[0], e.column(tensor("scale"), len(s))}, []string{mid})
		e.put(n.Name, "Add", []string{mid, e.column(tensor("shift"), len(s))}, n.Outputs)
		e.shapes[out] = s
	case weights.OpReLU:
		same("Relu")
	case weights.OpReLU6:
		e.extra++
		lo, hi := fmt.Sprintf("riffle/min%d", e.extra), fmt.Sprintf("riffle/max%d", e.extra)
		e.initializer(lo, nil, []float32{0})
		e.initializer(hi, nil, []float32{6})
		e.put(n.Name, "Clip", []string{n.Inputs[0], lo, hi}, n.Outputs)
		e.shapes[out] = s
	case weights.OpAdd:
		same("Add")
	case weights.OpSoftmax:
		same("Softmax", one("axis", 1))
	case weights.OpConcat:
		c := 0
		for _, in := range n.Inputs {
			c += e.shapes[in][0]
		}
		e.put(n.Name, "Concat", n.Inputs, n.Outputs, one("axis", 1))
		e.shapes[out] = append([]int{c}, s[1:]...)
	case weights.OpSplit:
		sizes := n.Attrs["sizes"]
		if len(sizes) != len(n.Outputs) {
			return fmt.Errorf("got %d sizes for %d outputs", len(sizes), len(n.Outputs))
		}
		e.put(n.Name, "Split", []string{n.Inputs[0], e.ints(sizes...)}, n.Outputs, one("axis", 1))
		for i, o := range n.Outputs {
			e.shapes[o] = append([]int{sizes[i]}, s[1:]...)
		}
	case weights.OpSlice:
		r := n.Attrs["range"]
		if len(r) != 3 || r[2] < 1 {
			return fmt.Errorf("got range %v, want [start stop step]", r)
		}
		e.put(n.Name, "Slice", []string{n.Inputs[0], e.ints(r[0]), e.ints(r[1]), e.ints(1), e.ints(r[2])}, n.Outputs)
		e.shapes[out] = append([]int{(r[1] - r[0] + r[2] - 1) / r[2]}, s[1:]...)
	case weights.OpShuffle:
		e.shapes[out] = s
		e.shuffle(n, s)
	case weights.OpMaxPool, weights.OpAvgPool:
		return e.pool(n, s)
	case weights.OpGlobalAvgPool:
		e.put(n.Name, "GlobalAveragePool", n.Inputs, n.Outputs)
		e.shapes[out] = []int{s[0], 1, 1}
	case weights.OpFlatten:
		e.put(n.Name, "Flatten", n.Inputs, n.Outputs, one("axis", 1))
		e.shapes[out] = []int{prod(s)}
	case weights.OpLinear:
		e.put(n.Name, "Gemm", withTensors("weight", "bias"), n.Outputs, one("transB", 1))
		e.shapes[out] = []int{tensor("weight").Shape[0]}
	case weights.OpDynamicShuffle, weights.OpStaticDynamicShuffle:
		if !e.custom {
			return fmt.Errorf("ONNX has no such operator; it can only be written as a node of the domain riffle, on request")
		}
		attrs := []attr{one("groups", n.Attr("groups", 1)[0]), many("factors", n.Attrs["factors"]...), one("pairs", n.Attr("pairs", 1)[0])}
		op, roles := "riffle.DynamicShuffle", []string{"w1", "b1", "w2", "b2"}
		if n.Op == weights.OpStaticDynamicShuffle {
			form := n.Attr("form", 0)[0]
			attrs = append(attrs, one("form", form))
			op = "riffle.StaticDynamicShuffle"
			if form == 0 {
				roles = append(roles, "weight", "gate", "shift")
			} else {
				roles = append(roles, "wa", "wb", "scale", "shift")
			}
		}
		e.put(n.Name, op, withTensors(roles...), n.Outputs, attrs...)
		e.shapes[out] = s
	default:
		return fmt.Errorf("unknown operator")
	}
	return nil
}

func (e *exporter) pool(n *weights.Node, s []int) error {
	k, st, p, ceil := n.Attrs["kernel"], n.Attr("stride", 1, 1), n.Attr("pad", 0, 0, 0, 0), n.Attr("ceil", 0)[0]
	if len(k) != 2 || len(st) != 2 || len(p) != 4 || len(s) != 3 {
		return fmt.Errorf("got a pool that the engine would refuse")
	}
	attrs := []attr{many("kernel_shape", k...), many("strides", st...), many("pads", p...)}
	if ceil == 1 {
		attrs = append(attrs, one("ceil_mode", 1))
	}
	op := "MaxPool"
	if n.Op == weights.OpAvgPool {
		op = "AveragePool"
		attrs = append(attrs, one("count_include_pad", n.Attr("countpad", 0)[0]))
	}
	size := func(d int) int {
		r := s[1+d] + p[d] + p[2+d] - k[d]
		o := r/st[d] + 1
		if ceil == 1 && r%st[d] != 0 && o*st[d] < s[1+d]+p[d] {
			o++
		}
		return o
	}
	e.put(n.Name, op, n.Inputs, n.Outputs, attrs...)
	e.shapes[n.Outputs[0]] = []int{s[0], size(0), size(1)}
	return nil
}

// shuffle writes reshape, transpose, reshape where the table is that of a
// channel shuffle, as PyTorch does; else a Gather.
func (e *exporter) shuffle(n *weights.Node, s []int) {
	perm := n.Attrs["perm"]
	c := len(perm)
	for g := 2; g < c && len(s) == 3; g++ {
		if c%g != 0 || perm[1] != c/g {
			continue
		}
		k, is := c/g, true
		for i := range c {
			is = is && perm[i] == i%g*k+i/g
		}
		if !is {
			continue
		}
		a, b := n.Outputs[0]+"/grouped", n.Outputs[0]+"/transposed"
		e.put(n.Name+"/group", "Reshape", []string{n.Inputs[0], e.ints(-1, g, k, s[1], s[2])}, []string{a})
		e.put(n.Name+"/transpose", "Transpose", []string{a}, []string{b}, many("perm", 0, 2, 1, 3, 4))
		e.put(n.Name, "Reshape", []string{b, e.ints(-1, c, s[1], s[2])}, n.Outputs)
		return
	}
	e.put(n.Name, "Gather", []string{n.Inputs[0], e.ints(perm...)}, n.Outputs, one("axis", 1))
}
