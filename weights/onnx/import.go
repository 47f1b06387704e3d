package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// value is what an ONNX name stands for: a constant, or an activation.
type value struct {
	c *tensor // a constant, or nil

	// An activation: the model's value called base, seen through a chain of
	// reshapes, transposes and selections. dims is the shape as ONNX sees it, the
	// batch dimension included and always 1. index, where it is not nil, says which
	// element of base each element is; nil is the identity.
	base  string
	dims  []int
	index []int32
	pad   [4]int // zeros around it that no node has taken over yet: top, left, bottom, right
}

func (v *value) elems() int {
	n := 1
	for _, d := range v.dims {
		n *= d
	}
	return n
}

// importer holds the model that is being built.
type importer struct {
	m      *weights.Model
	values map[string]*value
	uses   map[string]int   // ONNX name -> how often it is read
	shapes map[string][]int // model value -> [C H W] or [N]
	prod   map[string]int   // model value -> node that makes it
	names  map[string]bool  // node names taken
	opset  int64
	size   [2]int // height and width for an input that leaves them open

	n *protoNode // the node at work
}

// Option changes how Import reads.
type Option func(*importer)

// WithInputSize gives height and width to a model whose input leaves them open.
func WithInputSize(h, w int) Option { return func(im *importer) { im.size = [2]int{h, w} } }

const maxElems = 1 << 23 // of an activation that is looked at element by element

type failure struct{ err *Error }

// failf ends the import at the node at work.
func (im *importer) failf(kind error, format string, args ...any) {
	e := &Error{Kind: kind, Msg: fmt.Sprintf(format, args...)}
	if im.n != nil {
		e.Node, e.Op = nodeName(im.n), opName(im.n)
	}
	panic(failure{e})
}

func nodeName(n *protoNode) string {
	if n.name == "" && len(n.outputs) > 0 {
		return n.outputs[0]
	}
	return n.name
}

func opName(n *protoNode) string {
	if n.domain == "" {
		return n.op
	}
	return n.domain + "." + n.op
}

// Import turns an ONNX file into a model: graph, tensors, and the file's names. Labels,
// preprocessing and provenance are the caller's to add. Errors are [Error]s.
func Import(b []byte, opts ...Option) (m *weights.Model, err error) {
	p, err := parseModel(b)
	if err != nil {
		return nil, err
	}
	im := &importer{
		m: &weights.Model{}, values: map[string]*value{}, uses: map[string]int{}, shapes: map[string][]int{},
		prod: map[string]int{}, names: map[string]bool{}, opset: p.opsets[""],
	}
	for _, o := range opts {
		o(im)
	}
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			m, err = nil, f.err
		}
	}()
	im.run(p)
	im.prune()
	im.m.Sort()
	if err := im.m.Check(); err != nil {
		return nil, &Error{Kind: ErrInvalid, Msg: err.Error()}
	}
	return im.m, nil
}

func (im *importer) run(p *protoModel) {
	if im.opset == 0 {
		im.opset = p.opsets["ai.onnx"]
	}
	if im.opset < 7 || im.opset > 25 {
		im.failf(ErrUnsupported, "opset: got %d, want 11 to 21", im.opset)
	}
	g := p.graph
	if g.sparse {
		im.failf(ErrUnsupported, "got sparse initializers, want dense ones")
	}
	for _, t := range g.initializers {
		c, err := t.decode()
		if err != nil {
			im.failf(ErrInvalid, "%v", err)
		}
		im.values[t.name] = &value{c: c}
	}
	var input *protoValue
	for i := range g.inputs {
		if im.values[g.inputs[i].name] != nil {
			continue // old files list initializers as inputs too
		}
		if input != nil {
			im.failf(ErrUnsupported, "inputs: got %q and %q, want one", input.name, g.inputs[i].name)
		}
		input = &g.inputs[i]
	}
	if input == nil {
		im.failf(ErrInvalid, "got no input, want one")
	}
	im.input(input)
	for _, n := range g.nodes {
		for _, name := range n.inputs {
			im.uses[name]++
		}
	}
	for _, o := range g.outputs {
		im.uses[o.name]++
	}
	for _, n := range g.nodes {
		im.node(n)
	}
	im.n = nil
	for _, o := range g.outputs {
		v := im.values[o.name]
		if v == nil || v.c != nil {
			im.failf(ErrInvalid, "output %q: got no node that computes it", o.name)
		}
		im.m.Graph.Outputs = append(im.m.Graph.Outputs, im.settle(v, o.name))
	}
	if len(im.m.Graph.Outputs) == 0 {
		im.failf(ErrInvalid, "got no outputs, want one or more")
	}
}

func (im *importer) input(p *protoValue) {
	if !p.shape || len(p.dims) != 4 && len(p.dims) != 2 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W] or [N K]", p.name, p.dims)
	}
	if p.dtype != typeFloat && p.dtype != 0 {
		im.failf(ErrUnsupported, "input %q: got element type %d, want float32", p.name, p.dtype)
	}
	dims, n := []int{1}, 1
	for i, d := range p.dims[1:] {
		if d < 1 && i > 0 && im.size[i-1] > 0 {
			d = int64(im.size[i-1])
		}
		if d < 1 || d > 1<<20 || n > maxElems*4/int(d) {
			im.failf(ErrUnsupported, "input %q: got shape %v, want fixed channels, height and width (give the size), %d elements at most", p.name, p.dims, maxElems*4)
		}
		n *= int(d)
		dims = append(dims, int(d))
	}
	im.m.Graph.Inputs = []weights.Value{{Name: p.name, Shape: dims[1:]}}
	im.shapes[p.name] = dims[1:]
	im.prod[p.name] = -1
	im.values[p.name] = &value{base: p.name, dims: dims}
}

func (im *importer) node(n *protoNode) {
	im.n = n
	if len(n.outputs) == 0 {
		im.failf(ErrInvalid, "got no outputs, want one or more")
	}
	for _, a := range n.attrs {
		if a.graph {
			im.failf(ErrUnsupported, "got a subgraph, want none")
		}
	}
	if im.fold(n) {
		return
	}
	f := importers[opName(n)]
	if f == nil {
		im.failf(ErrUnsupported, "unknown operator; supported are %s", supportedList())
	}
	f(im)
}

// define makes an ONNX name stand for v.
func (im *importer) define(name string, v *value) {
	if name == "" || im.values[name] != nil {
		im.failf(ErrInvalid, "output %q: got an empty or used name, want a new one", name)
	}
	im.values[name] = v
}

// act returns activation input i.
func (im *importer) act(i int) *value {
	if i >= len(im.n.inputs) {
		im.failf(ErrInvalid, "got %d inputs, want %d or more", len(im.n.inputs), i+1)
	}
	v := im.values[im.n.inputs[i]]
	switch {
	case v == nil:
		im.failf(ErrInvalid, "input %q: got no such value", im.n.inputs[i])
	case v.c != nil:
		im.failf(ErrUnsupported, "input %q: got a constant, want an activation", im.n.inputs[i])
	}
	return v
}

// constant returns constant input i; nil where it is left out and may be.
func (im *importer) constant(i int, need bool) *tensor {
	if i >= len(im.n.inputs) || im.n.inputs[i] == "" {
		if need {
			im.failf(ErrInvalid, "got %d inputs, want %d", len(im.n.inputs), i+1)
		}
		return nil
	}
	v := im.values[im.n.inputs[i]]
	if v == nil || v.c == nil {
		im.failf(ErrUnsupported, "input %q: got no constant, want one", im.n.inputs[i])
	}
	return v.c
}

// floatConstant is constant with float32 elements.
func (im *importer) floatConstant(i int, need bool) *tensor {
	t := im.constant(i, need)
	if t != nil && t.isInt() {
		im.failf(ErrUnsupported, "input %q: got integers, want float32", im.n.inputs[i])
	}
	return t
}

func (im *importer) attrInt(name string, def int64) int64 {
	if a := im.n.attrs[name]; a != nil {
		return a.i
	}
	return def
}

// attrInts returns a list of n integers in [lo, 2^20], or def.
func (im *importer) attrInts(name string, n int, lo int64, def ...int) []int {
	a := im.n.attrs[name]
	if a == nil {
		return def
	}
	if len(a.ints) != n {
		im.failf(ErrUnsupported, "%s: got %v, want %d values", name, a.ints, n)
	}
	out := make([]int, n)
	for i, v := range a.ints {
		if v < lo || v > 1<<20 {
			im.failf(ErrUnsupported, "%s: got %v, want values from %d", name, a.ints, lo)
		}
		out[i] = int(v)
	}
	return out
}

// emit adds a node to the model and makes the ONNX output stand for its result.
func (im *importer) emit(op string, in []string, attrs map[string][]int, tensors map[string]string, shape ...int) {
	im.define(im.n.outputs[0], im.add(op, im.n.outputs[0], in, attrs, tensors, shape...))
}

// add adds a node whose output is called out, and returns the activation.
func (im *importer) add(op, out string, in []string, attrs map[string][]int, tensors map[string]string, shape ...int) *value {
	for i, d := range shape {
		if d < 1 || d > 1<<28 {
			im.failf(ErrInvalid, "output: got shape %v, want every dimension at least 1", shape)
		}
		if i > 0 && shape[0]*d > 1<<28 {
			im.failf(ErrUnsupported, "output: got shape %v, want at most 2^28 elements", shape)
		}
	}
	for im.shapes[out] != nil {
		out += "'"
	}
	name := nodeName(im.n)
	if name == "" {
		name = out
	}
	for im.names[name] {
		name += "'"
	}
	im.names[name] = true
	im.prod[out] = len(im.m.Graph.Nodes)
	im.shapes[out] = shape
	im.m.Graph.Nodes = append(im.m.Graph.Nodes, weights.Node{Name: name, Op: op, Inputs: in, Outputs: []string{out}, Attrs: attrs, Tensors: tensors})
	return &value{base: out, dims: append([]int{1}, shape...)}
}

// store adds a tensor and returns its name: from's own if that says something
// and is free, else the node's with the role.
func (im *importer) store(role string, from string, data []float32, shape ...int) string {
	name := from
	if name == "" || strings.HasPrefix(name, "onnx::") || im.m.Tensors != nil && im.hasTensor(name) {
		name = nodeName(im.n) + "." + role
	}
	for im.hasTensor(name) {
		name += "'"
	}
	im.m.Tensors = append(im.m.Tensors, weights.Tensor{Name: name, Shape: shape, Data: slices.Clone(data)})
	return name
}

func (im *importer) tensor(name string) *weights.Tensor {
	for i := range im.m.Tensors {
		if im.m.Tensors[i].Name == name {
			return &im.m.Tensors[i]
		}
	}
	return nil
}

func (im *importer) hasTensor(name string) bool { return im.tensor(name) != nil }

// settle returns the model's value that v stands for, adding the node that a
// changed view of it needs: a shuffle, a slice, a flatten.
func (im *importer) settle(v *value, hint string) string {
	if v.pad != [4]int{} {
		im.failf(ErrUnsupported, "input: got an activation with padding, want Pad in front of a convolution or average pool only")
	}
	from := im.shapes[v.base]
	switch {
	case v.index == nil && len(v.dims) == len(from)+1 && slices.Equal(v.dims[1:], from) && v.dims[0] == 1:
		return v.base
	case len(v.dims) == 4 && len(from) == 3 && v.dims[0] == 1 && v.dims[2] == from[1] && v.dims[3] == from[2]:
		return im.permuted(v, from, hint)
	case len(v.dims) == 2 && v.dims[0] == 1 && v.index == nil:
		f := im.add(weights.OpFlatten, hint+"/flatten", []string{v.base}, nil, nil, v.dims[1])
		return f.base
	}
	im.failf(ErrUnsupported, "input: got shape %v made of %v by reshapes and transposes, want one that only permutes or drops channels, or flattens", v.dims, from)
	return ""
}

// permuted settles a view that takes whole channels of base in another order.
func (im *importer) permuted(v *value, from []int, hint string) string {
	hw := from[1] * from[2]
	pick := make([]int, v.dims[1])
	seen := make([]bool, from[0])
	for c := range pick {
		first := c * hw
		if v.index != nil {
			first = int(v.index[c*hw])
		}
		pick[c] = first / hw
		for p := range hw {
			if at := pick[c]*hw + p; v.index != nil && int(v.index[c*hw+p]) != at || first%hw != 0 {
				im.failf(ErrUnsupported, "input: got a reshape or transpose that moves pixels, want one that only permutes channels")
			}
		}
		if seen[pick[c]] {
			im.failf(ErrUnsupported, "input: got channel %d twice, want every channel once at most", pick[c])
		}
		seen[pick[c]] = true
	}
	// A run of channels is a slice; anything else a shuffle, and a slice of it if channels were dropped.
	base, n := v.base, len(pick)
	step := 1
	if n > 1 {
		step = pick[1] - pick[0]
	}
	run := step > 0
	for c := range pick {
		run = run && pick[c] == pick[0]+c*step
	}
	if run && n == from[0] {
		return base
	}
	r := []int{pick[0], pick[n-1] + 1, max(step, 1)}
	if !run {
		perm := slices.Clone(pick)
		for c, s := range seen {
			if !s {
				perm = append(perm, c)
			}
		}
		base = im.add(weights.OpShuffle, hint+"/shuffle", []string{base}, map[string][]int{"perm": perm}, nil, from...).base
		r = []int{0, n, 1}
	}
	if n < from[0] {
		base = im.add(weights.OpSlice, hint+"/slice", []string{base}, map[string][]int{"range": r}, nil, n, from[1], from[2]).base
	}
	return base
}

// planes settles activation input i, which must be [1 C H W], and returns its
// name and shape.
func (im *importer) planes(i int) (string, []int) {
	v := im.act(i)
	name := im.settle(v, im.n.inputs[i])
	if s := im.shapes[name]; len(s) == 3 {
		im.values[im.n.inputs[i]] = &value{base: name, dims: append([]int{1}, s...)}
		return name, s
	}
	im.failf(ErrUnsupported, "input %q: got shape %v, want [N C H W]", im.n.inputs[i], v.dims)
	return "", nil
}

// any settles activation input i of any rank.
func (im *importer) any(i int) (string, []int) {
	name := im.settle(im.act(i), im.n.inputs[i])
	s := im.shapes[name]
	im.values[im.n.inputs[i]] = &value{base: name, dims: append([]int{1}, s...)}
	return name, s
}

// vector settles activation input i, which must be [1 N].
func (im *importer) vector(i int) (string, int) {
	name, s := im.any(i)
	if len(s) != 1 {
		im.failf(ErrUnsupported, "input %q: got shape %v, want [N K]", im.n.inputs[i], s)
	}
	return name, s[0]
}

// only says whether ONNX input i is read by the node at work alone.
func (im *importer) only(i int) bool { return im.uses[im.n.inputs[i]] == 1 }

// prune drops nodes that no output needs, and tensors that no node names.
func (im *importer) prune() {
	g := &im.m.Graph
	need := map[string]bool{}
	for _, o := range g.Outputs {
		need[o] = true
	}
	var nodes []weights.Node
	tensors := map[string]bool{}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := &g.Nodes[i]
		if !slices.ContainsFunc(n.Outputs, func(o string) bool { return need[o] }) {
			continue
		}
		for _, in := range n.Inputs {
			need[in] = true
		}
		for _, t := range n.Tensors {
			tensors[t] = true
		}
		nodes = append(nodes, *n)
	}
	slices.Reverse(nodes)
	g.Nodes = nodes
	im.m.Tensors = slices.DeleteFunc(im.m.Tensors, func(t weights.Tensor) bool { return !tensors[t.Name] })
}

// isFinite fails on a NaN or an infinity among folded weights.
func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
