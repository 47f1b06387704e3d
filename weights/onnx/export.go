package onnx

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/riffle-ml/riffle/weights"
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
	producer    = "riffle"
	noName      = "unnamed"
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

// exporter collects the messages of a GraphProto.
type exporter struct {
	m       *weights.Model
	custom  bool
	open    bool
	shapes  map[string][]int  // value -> its shape for one sample
	names   map[string]bool   // of values and initializers: one space in ONNX
	tensors map[string]string // tensor and shape -> the initializer that holds it
	nodes   []byte
	inits   []byte
}

// Export writes the model as ONNX, opset 13, for any other engine: the very same
// network, with one batch dimension in front. Names of values and nodes stay;
// labels, preprocessing and provenance have no place in the file. Where ONNX has
// no such operator, or the model is not one that an engine could run, it fails
// with an [Error] that names the node.
func Export(m *weights.Model, opts ...ExportOption) ([]byte, error) {
	if err := m.Check(); err != nil {
		return nil, &Error{Kind: ErrInvalid, Msg: err.Error()}
	}
	e := &exporter{m: m, shapes: map[string][]int{}, names: map[string]bool{}, tensors: map[string]string{}}
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
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if err := e.node(n); err != nil {
			kind := ErrInvalid
			if errors.Is(err, ErrUnsupported) {
				kind = ErrUnsupported
			}
			return nil, &Error{Kind: kind, Node: n.Name, Op: n.Op, Msg: err.Error()}
		}
	}
	outputs := e.outputs()
	var g []byte
	g = append(g, e.nodes...)
	if m.Name == "" {
		g = str(g, 2, noName) // ONNX wants one
	} else {
		g = str(g, 2, m.Name)
	}
	g = append(g, e.inits...)
	for _, in := range m.Graph.Inputs {
		g = msg(g, 11, e.valueInfo(in.Name))
	}
	for _, out := range outputs {
		g = msg(g, 12, e.valueInfo(out))
	}
	b := num(nil, 1, exportIR)
	b = str(b, 2, producer)
	b = msg(b, 7, g)
	b = msg(b, 8, num(str(nil, 1, ""), 2, exportOpset))
	if e.custom {
		b = msg(b, 8, num(str(nil, 1, domain), 2, 1))
	}
	return b, nil
}

// outputs names the graph's outputs. ONNX wants each once, and made by a node.
func (e *exporter) outputs() []string {
	var out []string
	for _, o := range e.m.Graph.Outputs {
		input := slices.ContainsFunc(e.m.Graph.Inputs, func(v weights.Value) bool { return v.Name == o })
		if input || slices.Contains(out, o) {
			again := e.fresh(o + "/output")
			e.shapes[again] = e.shapes[o]
			e.put(again, "Identity", []string{o}, []string{again})
			o = again
		}
		out = append(out, o)
	}
	return out
}

// fresh returns a name for a value or initializer, like want.
func (e *exporter) fresh(want string) string {
	name := want
	for i := 2; e.names[name]; i++ {
		name = fmt.Sprintf("%s.%d", want, i)
	}
	e.names[name] = true
	return name
}

// tensor returns the name of an initializer with a tensor's data in a shape.
func (e *exporter) tensor(t *weights.Tensor, shape ...int) string {
	key := fmt.Sprint(t.Name, shape)
	if e.tensors[key] == "" {
		e.tensors[key] = e.fresh(t.Name)
		e.initFloats(e.tensors[key], shape, t.Data)
	}
	return e.tensors[key]
}

// unsupported marks what ONNX does not have.
func unsupported(format string, args ...any) error { return marked{fmt.Sprintf(format, args...)} }

type marked struct{ msg string }

func (m marked) Error() string { return m.msg }
func (m marked) Unwrap() error { return ErrUnsupported }

// list is an attribute of n with k numbers from lo on.
func list(n *weights.Node, name string, lo int, def ...int) ([]int, error) {
	v := n.Attr(name, def...)
	if len(v) != len(def) || slices.Min(v) < lo || slices.Max(v) > 1<<20 {
		return nil, fmt.Errorf("%s: got %v, want %d numbers from %d on", name, v, len(def), lo)
	}
	return v, nil
}

// role is a tensor of n, of a shape; -1 fits any length.
func (e *exporter) role(n *weights.Node, role string, shape ...int) (*weights.Tensor, error) {
	t := e.m.Tensor(n.Tensors[role])
	if t == nil {
		return nil, fmt.Errorf("%s: got no tensor, want one", role)
	}
	ok := len(t.Shape) == len(shape)
	for i := range shape {
		ok = ok && (shape[i] == -1 || shape[i] == t.Shape[i])
	}
	if !ok {
		return nil, fmt.Errorf("%s: got shape %v, want %v", role, t.Shape, shape)
	}
	return t, nil
}

// node writes one node and keeps its outputs' shapes.
func (e *exporter) node(n *weights.Node) error {
	f := exporters[n.Op]
	if f == nil {
		return unsupported("unknown operator")
	}
	s := e.shapes[n.Inputs[0]]
	want := 1
	switch n.Op {
	case weights.OpAdd:
		want = 2
	case weights.OpConcat:
		want = len(n.Inputs)
	}
	if len(n.Inputs) != want || len(n.Outputs) != 1 && n.Op != weights.OpSplit {
		return fmt.Errorf("got %d inputs and %d outputs, want %d and 1", len(n.Inputs), len(n.Outputs), want)
	}
	out, err := f(e, n, s)
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

var exporters map[string]func(e *exporter, n *weights.Node, s []int) ([][]int, error)

func init() { // not a literal: the functions read it
	exporters = map[string]func(e *exporter, n *weights.Node, s []int) ([][]int, error){
		weights.OpConv:                 (*exporter).conv,
		weights.OpAffine:               (*exporter).affine,
		weights.OpReLU:                 (*exporter).relu,
		weights.OpReLU6:                (*exporter).relu6,
		weights.OpAdd:                  (*exporter).add,
		weights.OpConcat:               (*exporter).concat,
		weights.OpSplit:                (*exporter).split,
		weights.OpSlice:                (*exporter).slice,
		weights.OpShuffle:              (*exporter).shuffle,
		weights.OpMaxPool:              (*exporter).pool,
		weights.OpAvgPool:              (*exporter).pool,
		weights.OpGlobalAvgPool:        (*exporter).mean,
		weights.OpFlatten:              (*exporter).flatten,
		weights.OpLinear:               (*exporter).linear,
		weights.OpSoftmax:              (*exporter).softmax,
		weights.OpDynamicShuffle:       (*exporter).dynamic,
		weights.OpStaticDynamicShuffle: (*exporter).dynamic,
	}
}

func planar(s []int) error {
	if len(s) != 3 {
		return fmt.Errorf("input: got shape %v, want [C H W]", s)
	}
	return nil
}

func channels(s []int, c int) []int { return append([]int{c}, s[1:]...) }

// window reads what convolutions and pools share.
func window(n *weights.Node, s []int) (k, stride, dil, pad, out []int, err error) {
	fail := func(e error) {
		if err == nil {
			err = e
		}
	}
	get := func(name string, lo int, def ...int) []int {
		v, e := list(n, name, lo, def...)
		fail(e)
		return v
	}
	fail(planar(s))
	k, stride, dil, pad = get("kernel", 1, 0, 0), get("stride", 1, 1, 1), get("dilation", 1, 1, 1), get("pad", 0, 0, 0, 0, 0)
	ceil := get("ceil", 0, 0)
	if err != nil {
		return
	}
	for d := range 2 {
		o := windows(s[1+d]+pad[d]+pad[2+d], dil[d]*(k[d]-1)+1, stride[d], s[1+d]+pad[d], ceil[0] == 1)
		if o < 1 {
			fail(fmt.Errorf("kernel: got %v, dilation %v on %v with padding %v, want one that fits", k, dil, s, pad))
		}
		out = append(out, o)
	}
	return
}

func (e *exporter) conv(n *weights.Node, s []int) ([][]int, error) {
	k, stride, dil, pad, hw, err := window(n, s)
	if err != nil {
		return nil, err
	}
	g, err := list(n, "groups", 1, 1)
	if err != nil {
		return nil, err
	}
	w, err := e.role(n, "weight", -1, s[0]/g[0], k[0], k[1])
	if err != nil {
		return nil, err
	}
	o := w.Shape[0]
	if s[0]%g[0] != 0 || o%g[0] != 0 {
		return nil, fmt.Errorf("groups: got %d, want a divisor of %d and %d channels", g[0], s[0], o)
	}
	in := []string{n.Inputs[0], e.tensor(w, w.Shape...)}
	if n.Tensors["bias"] != "" {
		b, err := e.role(n, "bias", o)
		if err != nil {
			return nil, err
		}
		in = append(in, e.tensor(b, o))
	}
	e.put(n.Name, "Conv", in, n.Outputs,
		many("kernel_shape", k...), many("strides", stride...), many("dilations", dil...), many("pads", pad...), one("group", g[0]))
	return [][]int{{o, hw[0], hw[1]}}, nil
}

func (e *exporter) affine(n *weights.Node, s []int) ([][]int, error) {
	column := []int{s[0]} // broadcasts over what follows the channels
	for range s[1:] {
		column = append(column, 1)
	}
	scale, err := e.role(n, "scale", s[0])
	if err != nil {
		return nil, err
	}
	shift, err := e.role(n, "shift", s[0])
	if err != nil {
		return nil, err
	}
	mid := e.fresh(n.Outputs[0] + "/scaled")
	e.put(n.Name+"/scale", "Mul", []string{n.Inputs[0], e.tensor(scale, column...)}, []string{mid})
	e.put(n.Name, "Add", []string{mid, e.tensor(shift, column...)}, n.Outputs)
	return [][]int{s}, nil
}

func (e *exporter) relu(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Relu", n.Inputs, n.Outputs)
	return [][]int{s}, nil
}

func (e *exporter) relu6(n *weights.Node, s []int) ([][]int, error) {
	scalar := func(v float32) string {
		key := fmt.Sprint("scalar", v)
		if e.tensors[key] == "" {
			e.tensors[key] = e.fresh(fmt.Sprintf("riffle/%v", v))
			e.initFloats(e.tensors[key], nil, []float32{v})
		}
		return e.tensors[key]
	}
	e.put(n.Name, "Clip", []string{n.Inputs[0], scalar(0), scalar(6)}, n.Outputs)
	return [][]int{s}, nil
}

func (e *exporter) add(n *weights.Node, s []int) ([][]int, error) {
	if t := e.shapes[n.Inputs[1]]; !slices.Equal(s, t) {
		return nil, fmt.Errorf("inputs: got shapes %v and %v, want the same", s, t)
	}
	e.put(n.Name, "Add", n.Inputs, n.Outputs)
	return [][]int{s}, nil
}

func (e *exporter) concat(n *weights.Node, s []int) ([][]int, error) {
	c := 0
	for _, in := range n.Inputs {
		t := e.shapes[in]
		if !slices.Equal(t[1:], s[1:]) {
			return nil, fmt.Errorf("inputs: got shapes %v and %v, want the same but for channels", s, t)
		}
		c += t[0]
	}
	e.put(n.Name, "Concat", n.Inputs, n.Outputs, one("axis", 1))
	return [][]int{channels(s, c)}, nil
}

func (e *exporter) split(n *weights.Node, s []int) ([][]int, error) {
	sizes, sum := n.Attrs["sizes"], 0
	var out [][]int
	for _, c := range sizes {
		if c < 1 || c > s[0]-sum {
			break
		}
		sum += c
		out = append(out, channels(s, c))
	}
	if sum != s[0] || len(out) != len(sizes) || len(sizes) != len(n.Outputs) {
		return nil, fmt.Errorf("sizes: got %v for %d outputs, want as many with sum %d", sizes, len(n.Outputs), s[0])
	}
	e.put(n.Name, "Split", []string{n.Inputs[0], e.initInts(sizes...)}, n.Outputs, one("axis", 1))
	return out, nil
}

func (e *exporter) slice(n *weights.Node, s []int) ([][]int, error) {
	r, err := list(n, "range", 0, 0, 0, 0)
	if err != nil || r[0] >= r[1] || r[1] > s[0] || r[2] < 1 {
		return nil, fmt.Errorf("range: got %v, want [start stop step] of %d channels", n.Attrs["range"], s[0])
	}
	e.put(n.Name, "Slice", []string{n.Inputs[0], e.initInts(r[0]), e.initInts(r[1]), e.initInts(1), e.initInts(r[2])}, n.Outputs)
	return [][]int{channels(s, (r[1]-r[0]+r[2]-1)/r[2])}, nil
}

// shuffle writes reshape, transpose, reshape where the table is that of a
// channel shuffle, as PyTorch does; else a Gather.
func (e *exporter) shuffle(n *weights.Node, s []int) ([][]int, error) {
	perm := n.Attrs["perm"]
	c := len(perm)
	seen := make([]bool, c)
	for _, p := range perm {
		if p < 0 || p >= c || seen[p] || c != s[0] {
			return nil, fmt.Errorf("perm: got %d numbers that are no permutation of %d channels", c, s[0])
		}
		seen[p] = true
	}
	if c != s[0] {
		return nil, fmt.Errorf("perm: got %d numbers, want %d", c, s[0])
	}
	if k := groupSize(perm); k > 0 && len(s) == 3 {
		a, b := e.fresh(n.Outputs[0]+"/grouped"), e.fresh(n.Outputs[0]+"/transposed")
		e.put(n.Name+"/group", "Reshape", []string{n.Inputs[0], e.initInts(-1, c/k, k, s[1], s[2])}, []string{a})
		e.put(n.Name+"/transpose", "Transpose", []string{a}, []string{b}, many("perm", 0, 2, 1, 3, 4))
		e.put(n.Name, "Reshape", []string{b, e.initInts(-1, c, s[1], s[2])}, n.Outputs)
	} else {
		e.put(n.Name, "Gather", []string{n.Inputs[0], e.initInts(perm...)}, n.Outputs, one("axis", 1))
	}
	return [][]int{s}, nil
}

// groupSize is C/g if perm is channelShuffle of g groups, 1 < g < C, else 0.
func groupSize(perm []int) int {
	c := len(perm)
	if c < 4 || perm[1] < 2 || c%perm[1] != 0 {
		return 0
	}
	k := perm[1]
	for i := range c {
		if g := c / k; perm[i] != i%g*k+i/g {
			return 0
		}
	}
	return k
}

func (e *exporter) pool(n *weights.Node, s []int) ([][]int, error) {
	k, stride, _, pad, hw, err := window(n, s)
	if err != nil {
		return nil, err
	}
	attrs := []attr{many("kernel_shape", k...), many("strides", stride...), many("pads", pad...)}
	if n.Attr("ceil", 0)[0] == 1 {
		attrs = append(attrs, one("ceil_mode", 1))
	}
	op := "MaxPool"
	if n.Op == weights.OpAvgPool {
		count, err := list(n, "countpad", 0, 0)
		if err != nil {
			return nil, err
		}
		op = "AveragePool"
		attrs = append(attrs, one("count_include_pad", count[0]))
	}
	e.put(n.Name, op, n.Inputs, n.Outputs, attrs...)
	return [][]int{{s[0], hw[0], hw[1]}}, nil
}

func (e *exporter) mean(n *weights.Node, s []int) ([][]int, error) {
	if err := planar(s); err != nil {
		return nil, err
	}
	e.put(n.Name, "GlobalAveragePool", n.Inputs, n.Outputs)
	return [][]int{{s[0], 1, 1}}, nil
}

func (e *exporter) flatten(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Flatten", n.Inputs, n.Outputs, one("axis", 1))
	k, _ := product(s)
	return [][]int{{k}}, nil
}

func vectorial(s []int) error {
	if len(s) != 1 {
		return fmt.Errorf("input: got shape %v, want a vector", s)
	}
	return nil
}

func (e *exporter) linear(n *weights.Node, s []int) ([][]int, error) {
	if err := vectorial(s); err != nil {
		return nil, err
	}
	w, err := e.role(n, "weight", -1, s[0])
	if err != nil {
		return nil, err
	}
	in := []string{n.Inputs[0], e.tensor(w, w.Shape...)}
	if n.Tensors["bias"] != "" {
		b, err := e.role(n, "bias", w.Shape[0])
		if err != nil {
			return nil, err
		}
		in = append(in, e.tensor(b, w.Shape[0]))
	}
	e.put(n.Name, "Gemm", in, n.Outputs, one("transB", 1))
	return [][]int{{w.Shape[0]}}, nil
}

func (e *exporter) softmax(n *weights.Node, s []int) ([][]int, error) {
	e.put(n.Name, "Softmax", n.Inputs, n.Outputs, one("axis", 1))
	return [][]int{s}, vectorial(s)
}

func (e *exporter) dynamic(n *weights.Node, s []int) ([][]int, error) {
	if !e.custom {
		return nil, unsupported("ONNX has no such operator; as an option it is written as a node of the domain %s, which other engines cannot run", domain)
	}
	g, err1 := list(n, "groups", 1, 1)
	f, err2 := list(n, "factors", 1, 0, 0)
	pairs, err3 := list(n, "pairs", 1, 1)
	if err := cmp.Or(err1, err2, err3, planar(s)); err != nil {
		return nil, err
	}
	attrs := []attr{one("groups", g[0]), many("factors", f...), one("pairs", pairs[0])}
	if usual, ok := n.Attrs["usual"]; ok {
		attrs = append(attrs, many("usual", usual...))
	}
	op, roles := "DynamicShuffle", []string{"w1", "b1", "w2", "b2"}
	if n.Op == weights.OpStaticDynamicShuffle {
		form, err := list(n, "form", 0, 0)
		if err != nil {
			return nil, err
		}
		op, attrs = "StaticDynamicShuffle", append(attrs, one("form", form[0]))
		if form[0] == 0 {
			roles = append(roles, "weight", "gate", "shift")
		} else {
			roles = append(roles, "wa", "wb", "scale", "shift")
		}
	}
	in := []string{n.Inputs[0]}
	for _, r := range roles {
		t := e.m.Tensor(n.Tensors[r])
		if t == nil {
			return nil, fmt.Errorf("%s: got no tensor, want one", r)
		}
		in = append(in, e.tensor(t, t.Shape...))
	}
	e.put(n.Name, domain+"."+op, in, n.Outputs, attrs...)
	return [][]int{s}, nil
}
