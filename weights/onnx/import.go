package onnx

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/riffle-ml/riffle/weights"
)

// importer holds the model that is being built.
type importer struct {
	m       *weights.Model
	values  map[string]*value // by ONNX name
	shapes  map[string][]int  // model value -> [C H W] or [N]
	nonneg  map[string]bool   // model values without negative elements
	affines map[string]affine // output of an affine node -> its factors, in double precision
	tensors map[string]int    // name -> index in m.Tensors
	suffix  map[string]int    // names given, and the last suffix tried
	opset   int64
	batch   int    // the input's batch dimension if that is fixed, else 1
	hw      [2]int // height and width for an input that leaves them open
	memory  int64  // elements that may still be allocated
	limits

	n     *protoNode // the node at work
	where string     // what is at work if that is no node
}

// Option changes how [Import] reads. What exceeds a limit is an [Error] of
// [ErrUnsupported].
type Option func(*importer)

// WithInputSize gives height and width, in pixels, to a model whose input leaves
// them open; a dimension that the file fixes stays as it is.
func WithInputSize(h, w int) Option { return func(im *importer) { im.hw = [2]int{h, w} } }

// limits of what one file may hold.
type limits struct{ maxFile, maxNodes, maxTensors int }

// WithMaxFile bounds the file's size in bytes. Default: 1 GiB.
func WithMaxFile(bytes int) Option { return func(im *importer) { im.maxFile = bytes } }

// WithMaxNodes bounds the graph's nodes. Default: 65,536.
func WithMaxNodes(n int) Option { return func(im *importer) { im.maxNodes = n } }

// WithMaxTensors bounds the initializers and constants. Default: 65,536. A tensor
// or an activation has at most 2^28 elements in any case, and 16 dimensions.
func WithMaxTensors(n int) Option { return func(im *importer) { im.maxTensors = n } }

type failure struct{ err *Error }

// failf ends the import at the node at work.
func (im *importer) failf(kind error, format string, args ...any) {
	const most = 2000 // a list may have a million numbers
	e := &Error{Kind: kind, Msg: im.where + fmt.Sprintf(format, args...)}
	if len(e.Msg) > most {
		e.Msg = strings.ToValidUTF8(e.Msg[:most], "") + "..."
	}
	if im.n != nil {
		e.Node, e.Op = nodeName(im.n), opName(im.n)
	}
	panic(failure{e})
}

// spend fails when the file makes the import allocate out of proportion: a small
// file can name one large weight, or one large activation, many times.
func (im *importer) spend(elements int) {
	if im.memory -= int64(elements); im.memory < 0 {
		im.failf(ErrUnsupported, "got constants, copies and reorderings of more elements than a file of this size may ask for")
	}
}

func nodeName(n *protoNode) string {
	if n.name != "" {
		return n.name
	}
	for _, o := range n.outputs {
		if o != "" {
			return o
		}
	}
	return ""
}

func opName(n *protoNode) string {
	if n.domain == "" {
		return n.op
	}
	return n.domain + "." + n.op
}

func newImporter(opts []Option) *importer {
	im := &importer{
		m: &weights.Model{}, values: map[string]*value{}, shapes: map[string][]int{}, nonneg: map[string]bool{},
		affines: map[string]affine{}, tensors: map[string]int{}, suffix: map[string]int{}, batch: 1,
		limits: limits{maxFile: 1 << 30, maxNodes: 1 << 16, maxTensors: 1 << 16},
	}
	for _, o := range opts {
		o(im)
	}
	return im
}

func tooLarge(most int) error {
	return &Error{Kind: ErrUnsupported, Msg: fmt.Sprintf("file: got more than %d bytes, want at most that", most)}
}

// Import turns an ONNX file into a model: the graph and its tensors, for one
// sample. Names are the file's; the model's name is that of the graph if Export
// wrote it. Labels, preprocessing and provenance are the caller's to add. An
// error is an [Error]. b is not kept.
func Import(b []byte, opts ...Option) (m *weights.Model, err error) {
	im := newImporter(opts)
	if len(b) > im.maxFile {
		return nil, tooLarge(im.maxFile)
	}
	p, err := parseModel(b, im.limits)
	if err != nil {
		return nil, err
	}
	im.opset, im.memory = p.opsets[""], 2*int64(len(b))+1<<22
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
	im.m.Sort()
	if err := im.m.Check(); err != nil {
		return nil, &Error{Kind: ErrInvalid, Msg: err.Error()}
	}
	return im.m, nil
}

// ReadFile imports the file at path.
func ReadFile(path string, opts ...Option) (*weights.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	most := min(newImporter(opts).maxFile, math.MaxInt-1)
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m, err := Import(b, opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// The opsets that are read. Within 11 to 21 every form of an operator is known
// and tested; the neighbours differ in nothing that matters here.
const minOpset, maxOpset = 7, 25

func (im *importer) run(p *protoModel) {
	if im.opset == 0 {
		im.opset = p.opsets["ai.onnx"]
	}
	if im.opset < minOpset || im.opset > maxOpset {
		im.failf(ErrUnsupported, "opset: got %d, want 11 to 21 (%d to %d are tried)", im.opset, minOpset, maxOpset)
	}
	if v := p.opsets[domain]; v > 1 {
		im.failf(ErrUnsupported, "opset of domain %s: got %d, want 1", domain, v)
	}
	g := p.graph
	if g.sparse {
		im.failf(ErrUnsupported, "got sparse initializers, want dense ones")
	}
	if p.producer == producer && g.name != noName {
		im.m.Name = g.name
	}
	if len(g.outputs) == 0 {
		im.failf(ErrInvalid, "got no outputs, want one or more")
	}
	nodes, need := im.needed(g)
	for _, t := range g.initializers {
		im.where = "initializer: "
		if !need[t.name] {
			if _, err := t.check(); err != nil {
				im.failf(ErrInvalid, "%v", err)
			}
			continue
		}
		im.define(t.name, &value{c: im.decode(t)})
	}
	im.where = ""
	im.inputs(g, need)
	for _, n := range nodes {
		im.node(n)
	}
	im.n = nil
	for _, o := range g.outputs {
		im.where = fmt.Sprintf("output %q: ", o.name)
		v := im.values[o.name]
		if v == nil || v.c != nil || v.seq != nil {
			im.failf(ErrInvalid, "got none that a node computes from the input, want one")
		}
		im.m.Graph.Outputs = append(im.m.Graph.Outputs, im.settle(v, o.name))
	}
	im.where = ""
	im.fuse()
	im.prune()
	im.nameOutputs(g)
}

// needed lists the nodes that the outputs depend on, and all names they read.
func (im *importer) needed(g *protoGraph) (nodes []*protoNode, need map[string]bool) {
	need = map[string]bool{}
	for _, o := range g.outputs {
		need[o.name] = true
	}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		n := g.nodes[i]
		if !slices.ContainsFunc(n.outputs, func(o string) bool { return o != "" && need[o] }) {
			continue
		}
		for _, in := range n.inputs {
			need[in] = true
		}
		nodes = append(nodes, n)
	}
	slices.Reverse(nodes)
	return nodes, need
}

// inputs finds the graph's one input: the one that is needed, or the first, so
// that a broken graph fails where it breaks. Old files list initializers too.
func (im *importer) inputs(g *protoGraph, need map[string]bool) {
	isWeight := map[string]bool{}
	for _, t := range g.initializers {
		isWeight[t.name] = true
	}
	var input *protoValue
	for i := range g.inputs {
		p := &g.inputs[i]
		switch {
		case isWeight[p.name]:
		case input == nil || need[p.name] && !need[input.name]:
			input = p
		case need[p.name]:
			im.failf(ErrUnsupported, "inputs: got %q and %q, want one", input.name, p.name)
		}
	}
	if input == nil {
		im.failf(ErrInvalid, "got no input, want one")
	}
	im.where = fmt.Sprintf("input %q: ", input.name)
	im.input(input)
	im.where = ""
}

func (im *importer) input(p *protoValue) {
	if !p.shape || len(p.dims) != 4 && len(p.dims) != 2 {
		im.failf(ErrUnsupported, "got shape %v, want [N C H W] or [N K]", p.dims)
	}
	if p.dtype != 0 && !isFloat(p.dtype) {
		im.failf(ErrUnsupported, "got element type %d, want float32", p.dtype)
	}
	dims := []int{1}
	for i, d := range p.dims[1:] {
		if d < 1 && i > 0 && im.hw[i-1] > 0 {
			d = int64(im.hw[i-1])
		}
		if d < 1 || d > maxSize {
			im.failf(ErrUnsupported, "got shape %v, want channels, height and width fixed (or a size as an option)", p.dims)
		}
		dims = append(dims, int(d))
	}
	if n, ok := product(dims); !ok {
		im.failf(ErrUnsupported, "got shape %v, want at most %d elements", p.dims, maxSize)
	} else if b := p.dims[0]; b > 1 && b <= int64(maxSize/n) {
		im.batch = int(b)
	} else if b > 1 {
		im.failf(ErrUnsupported, "got shape %v, want at most %d elements", p.dims, maxSize)
	}
	im.m.Graph.Inputs = []weights.Value{{Name: p.name, Shape: dims[1:]}}
	im.shapes[p.name] = dims[1:]
	im.suffix["v:"+p.name] = 0
	im.define(p.name, &value{base: p.name, dims: dims})
}

func (im *importer) node(n *protoNode) {
	im.n = n
	for name, a := range n.attrs {
		if a.graph {
			im.failf(ErrUnsupported, "%q: got a subgraph, want none", name)
		}
		if want := attrTypes[name]; want != 0 && a.typ != 0 && a.typ != want && !(name == "value" && n.op == "Pad" && a.typ == attrFloat) {
			im.failf(ErrInvalid, "attribute %s: got a value of type %d, want type %d", name, a.typ, want)
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

// Types of attributes, as AttributeProto numbers them.
const (
	attrFloat    = 1
	attrInteger  = 2
	attrString   = 3
	attrTensor   = 4
	attrFloats   = 6
	attrIntegers = 7
)

// attrTypes has the type of every attribute that is read: one of another type
// would read as 0 or as nothing.
var attrTypes = map[string]int64{
	"allowzero": attrInteger, "axis": attrInteger, "ceil_mode": attrInteger, "count_include_pad": attrInteger, "end": attrInteger,
	"fmod": attrInteger, "form": attrInteger, "group": attrInteger, "groups": attrInteger, "keepdims": attrInteger, "num_outputs": attrInteger,
	"pairs": attrInteger, "start": attrInteger, "to": attrInteger, "training_mode": attrInteger, "transA": attrInteger, "transB": attrInteger,
	"value_int": attrInteger,
	"axes":      attrIntegers, "dilations": attrIntegers, "ends": attrIntegers, "factors": attrIntegers, "kernel_shape": attrIntegers,
	"pads": attrIntegers, "perm": attrIntegers, "split": attrIntegers, "starts": attrIntegers, "steps": attrIntegers, "strides": attrIntegers,
	"usual":      attrIntegers,
	"value_ints": attrIntegers,
	"alpha":      attrFloat, "beta": attrFloat, "epsilon": attrFloat, "max": attrFloat, "min": attrFloat, "value_float": attrFloat,
	"value_floats": attrFloats, "auto_pad": attrString, "mode": attrString, "value": attrTensor,
}

// define makes an ONNX name stand for v.
func (im *importer) define(name string, v *value) {
	if name == "" || im.values[name] != nil {
		im.failf(ErrInvalid, "got name %q for a value, want one that is not empty and not in use", name)
	}
	im.values[name] = v
}

// out defines the node's first output.
func (im *importer) out(v *value) { im.define(im.n.outputs[0], v) }

// input i as it is, whatever it stands for; nil where it is left out.
func (im *importer) in(i int) *value {
	if i >= len(im.n.inputs) || im.n.inputs[i] == "" {
		return nil
	}
	v := im.values[im.n.inputs[i]]
	if v == nil {
		im.failf(ErrInvalid, "input %q: got no such value, want one that is defined before", im.n.inputs[i])
	}
	return v
}

// act returns activation input i.
func (im *importer) act(i int) *value {
	v := im.in(i)
	switch {
	case v == nil:
		im.failf(ErrInvalid, "got %d inputs, want an activation as number %d", len(im.n.inputs), i+1)
	case v.c != nil:
		im.failf(ErrUnsupported, "input %q: got a constant, want an activation", im.n.inputs[i])
	case v.seq != nil:
		im.failf(ErrUnsupported, "input %q: got a sequence, want an activation", im.n.inputs[i])
	}
	return v
}

// constant returns constant input i; nil where it is left out and may be.
func (im *importer) constant(i int, need bool) *tensor {
	v := im.in(i)
	if v == nil {
		if need {
			im.failf(ErrInvalid, "got %d inputs, want a constant as number %d", len(im.n.inputs), i+1)
		}
		return nil
	}
	if v.c == nil {
		im.failf(ErrUnsupported, "input %q: got an activation, want a constant", im.n.inputs[i])
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

// listOf returns integers that are attribute name in some opsets and input i in
// others; nil where the node has neither.
func (im *importer) listOf(name string, i int) []int64 {
	if a := im.n.attrs[name]; a != nil {
		return a.ints
	}
	t := im.constant(i, false)
	if t == nil {
		return nil
	}
	if !t.isInt() {
		im.failf(ErrInvalid, "%s: got floats, want integers", name)
	}
	return t.i
}

func (im *importer) attrInt(name string, def int64) int64 {
	if a := im.n.attrs[name]; a != nil {
		return a.i
	}
	return def
}

// flag reads an attribute that is 0 or 1.
func (im *importer) flag(name string, def int64) bool {
	v := im.attrInt(name, def)
	if v != 0 && v != 1 {
		im.failf(ErrInvalid, "%s: got %d, want 0 or 1", name, v)
	}
	return v == 1
}

// maxAttr bounds kernels, strides, dilations, padding and groups, as the engine
// does the first four.
const maxAttr = 1 << 12

// attrInts returns a list of n integers in [lo, maxAttr], or def.
func (im *importer) attrInts(name string, n int, lo int64, def ...int) []int {
	a := im.n.attrs[name]
	if a == nil {
		return slices.Clone(def)
	}
	if len(a.ints) != n {
		im.failf(ErrUnsupported, "%s: got %v, want %d values", name, a.ints, n)
	}
	out := make([]int, n)
	for i, v := range a.ints {
		if v < lo || v > maxAttr {
			im.failf(ErrUnsupported, "%s: got %v, want values from %d to %d", name, a.ints, lo, maxAttr)
		}
		out[i] = int(v)
	}
	return out
}

// attrCount reads one positive integer.
func (im *importer) attrCount(name string, def int64) int {
	v := im.attrInt(name, def)
	if v < 1 || v > 1<<20 {
		im.failf(ErrInvalid, "%s: got %d, want 1 to %d", name, v, 1<<20)
	}
	return int(v)
}

// axis reads attribute axis of a value of a rank.
func (im *importer) axis(def int64, rank int) int { return im.axisOf(im.attrInt("axis", def), rank) }

func (im *importer) axisOf(a int64, rank int) int {
	if a < -int64(rank) || a >= int64(rank) {
		im.failf(ErrInvalid, "axis: got %d, want one of %d dimensions", a, rank)
	}
	return int((a + int64(rank)) % int64(rank))
}

// sampleAxis fails if a fixed batch lies along v's axis: samples stay apart.
func (im *importer) sampleAxis(v *value, axis int) {
	if axis == 0 && im.batch > 1 && v.base != "" {
		im.failf(ErrUnsupported, "axis: got 0, the batch of %d, want a later one", im.batch)
	}
}

// unique returns want, or want with a number behind it where that name is taken
// in its space ("v:" values, "n:" nodes, "t:" tensors).
func (im *importer) unique(space, want string) string {
	if want == "" {
		want = "unnamed"
	}
	name := want
	for {
		if _, taken := im.suffix[space+name]; !taken {
			break
		}
		im.suffix[space+want]++
		name = fmt.Sprintf("%s.%d", want, im.suffix[space+want]+1)
	}
	im.suffix[space+name] = 0
	return name
}

// emit adds a node to the model and makes the ONNX output stand for its result.
func (im *importer) emit(op string, in []string, attrs map[string][]int, tensors map[string]string, shape ...int) {
	im.out(im.add(op, nodeName(im.n), im.n.outputs[0], in, attrs, tensors, shape...))
}

// add adds a node and returns its result, an activation.
func (im *importer) add(op, name, out string, in []string, attrs map[string][]int, tensors map[string]string, shape ...int) *value {
	if n, ok := product(shape); !ok || n == 0 {
		im.failf(ErrUnsupported, "output: got shape %v, want 1 to %d elements", shape, maxSize)
	}
	out = im.unique("v:", out)
	name = im.unique("n:", name)
	im.shapes[out] = shape
	im.m.Graph.Nodes = append(im.m.Graph.Nodes, weights.Node{Name: name, Op: op, Inputs: in, Outputs: []string{out}, Attrs: attrs, Tensors: tensors})
	im.nonneg[out] = im.keepsSign(op, in)
	return &value{base: out, dims: append([]int{1}, shape...)}
}

// keepsSign says whether an operator's result has no negative elements.
func (im *importer) keepsSign(op string, in []string) bool {
	switch op {
	case weights.OpReLU, weights.OpReLU6, weights.OpSoftmax:
		return true
	case weights.OpMaxPool, weights.OpAvgPool, weights.OpGlobalAvgPool, weights.OpFlatten, weights.OpAdd, weights.OpConcat,
		weights.OpSplit, weights.OpSlice, weights.OpShuffle, weights.OpDynamicShuffle:
		return !slices.ContainsFunc(in, func(x string) bool { return !im.nonneg[x] })
	}
	return false
}

// store adds a tensor and returns its name: from, if that says something and is
// free, else the node's name with the role. data is kept.
func (im *importer) store(role, from string, data []float32, shape ...int) string {
	if _, taken := im.suffix["t:"+from]; taken || from == "" || strings.HasPrefix(from, "onnx::") {
		from = nodeName(im.n) + "." + role
	}
	name := im.unique("t:", from)
	im.tensors[name] = len(im.m.Tensors)
	im.m.Tensors = append(im.m.Tensors, weights.Tensor{Name: name, Shape: shape, Data: data})
	return name
}

// storeCopy is store of a constant that others may name too.
func (im *importer) storeCopy(role string, t *tensor) string {
	im.spend(len(t.f))
	return im.store(role, t.name, slices.Clone(t.f), slices.Clone(t.dims)...)
}

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
	clear(im.tensors)
	for i := range im.m.Tensors {
		im.tensors[im.m.Tensors[i].Name] = i
	}
}

// nameOutputs gives the model's outputs the names of the file's, which a folded
// node or a reshape may have lost.
func (im *importer) nameOutputs(p *protoGraph) {
	g := &im.m.Graph
	taken := map[string]bool{g.Inputs[0].Name: true}
	for _, n := range g.Nodes {
		for _, o := range n.Outputs {
			taken[o] = true
		}
	}
	rename := map[string]string{}
	for i, o := range g.Outputs {
		if want := p.outputs[i].name; !taken[want] && rename[o] == "" && o != g.Inputs[0].Name {
			rename[o], taken[want] = want, true
		}
	}
	apply := func(names []string) {
		for i, o := range names {
			if r := rename[o]; r != "" {
				names[i] = r
			}
		}
	}
	apply(g.Outputs)
	for i := range g.Nodes {
		apply(g.Nodes[i].Inputs)
		apply(g.Nodes[i].Outputs)
	}
}

func isFloat(dtype int64) bool {
	return dtype == typeFloat || dtype == typeFloat16 || dtype == typeDouble
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
