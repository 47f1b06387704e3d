package onnx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/internal/sniff"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

func newImporter(opts []Option) *importer {
	im := &importer{
		m: &weights.Model{}, values: map[string]*value{}, shapes: map[string][]int{}, nonneg: map[string]bool{}, signs: map[string]sign{},
		affines: map[string]affine{}, tensors: map[string]int{}, suffix: map[string]int{}, batch: 1,
		limits: limits{maxFile: 1 << 30, maxNodes: 1 << 16, maxTensors: 1 << 16},
	}
	for name, o := range operators {
		im.signs[name] = o.sign
	}
	for _, o := range opts {
		o(im)
	}
	return im
}

func tooLarge(most int) error {
	return &Error{Kind: ErrUnsupported, Msg: fmt.Sprintf("file: got more than %d bytes, want at most that", most)}
}

// notONNX says what b is, which proto.Parse refused with err.
func notONNX(b []byte, err error) error {
	var limit *proto.LimitError
	if errors.As(err, &limit) {
		return &Error{Kind: ErrUnsupported, Msg: err.Error()}
	}
	msg := fmt.Sprintf("got a file that is damaged or breaks off (%v), want a whole ONNX model", err)
	if what := sniff.What(b); what != "" && what != sniff.ONNX {
		msg = fmt.Sprintf("got %s, want an ONNX model", what)
	}
	return &Error{Kind: ErrNotONNX, Msg: msg}
}

// Import turns an ONNX file into a model: the graph and its tensors, for one sample.
// Names are the file's. The model's name is that of the graph if Export wrote the file,
// and empty otherwise. Labels, preprocessing and provenance are the caller's to add. An
// error is an [Error]. b is not kept.
func Import(b []byte, opts ...Option) (m *weights.Model, err error) {
	im := newImporter(opts)
	if len(b) > im.maxFile {
		return nil, tooLarge(im.maxFile)
	}
	p, err := proto.Parse(b, im.maxNodes, im.maxTensors)
	if err != nil {
		return nil, notONNX(b, err)
	}
	im.opset, im.memory = p.Opsets[""], 2*int64(len(b))+1<<22
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

// ReadFile imports the file at path, as [Import] does. The error is an [Error] or the
// file system's, either way with the path in front.
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

func (im *importer) run(p *proto.Model) {
	if im.opset == 0 {
		im.opset = p.Opsets["ai.onnx"]
	}
	if im.opset < minOpset || im.opset > maxOpset {
		im.failf(ErrUnsupported, "opset: got %d, want 11 to 21 (%d to %d are tried)", im.opset, minOpset, maxOpset)
	}
	if v := p.Opsets[domain]; v > 1 {
		im.failf(ErrUnsupported, "opset of domain %s: got %d, want 1", domain, v)
	}
	g := p.Graph
	if g.Sparse {
		im.failf(ErrUnsupported, "got sparse initializers, want dense ones")
	}
	if p.Producer == producer && g.Name != noName {
		im.m.Name = g.Name
	}
	if len(g.Outputs) == 0 {
		im.failf(ErrInvalid, "got no outputs, want one or more")
	}
	nodes, need := im.needed(g)
	for _, t := range g.Initializers {
		im.where = "initializer: "
		if !need[t.Name] {
			if _, _, err := t.Check(); err != nil {
				im.failf(ErrInvalid, "%v", err)
			}
			continue
		}
		im.define(t.Name, &value{c: im.decode(t)})
	}
	im.where = ""
	im.inputs(g, need)
	for _, n := range nodes {
		im.node(n)
	}
	im.n = nil
	for _, o := range g.Outputs {
		im.where = fmt.Sprintf("output %q: ", o.Name)
		v := im.values[o.Name]
		if v == nil || v.c != nil || v.seq != nil {
			im.failf(ErrInvalid, "got none that a node computes from the input, want one")
		}
		im.m.Graph.Outputs = append(im.m.Graph.Outputs, im.settle(v, o.Name))
	}
	im.where = ""
	im.prune() // what is not needed reads nothing
	im.fuse(operators)
	im.prune()
	im.nameOutputs(g)
}

// needed lists the nodes that the outputs depend on, and all names they read.
func (im *importer) needed(g *proto.Graph) (nodes []*proto.Node, need map[string]bool) {
	need = map[string]bool{}
	for _, o := range g.Outputs {
		need[o.Name] = true
	}
	for i := len(g.Nodes) - 1; i >= 0; i-- {
		n := g.Nodes[i]
		if !slices.ContainsFunc(n.Outputs, func(o string) bool { return o != "" && need[o] }) {
			continue
		}
		for _, in := range n.Inputs {
			need[in] = true
		}
		nodes = append(nodes, n)
	}
	slices.Reverse(nodes)
	return nodes, need
}

// inputs finds the graph's one input: the one that is needed, or the first, so
// that a broken graph fails where it breaks. Old files list initializers too.
func (im *importer) inputs(g *proto.Graph, need map[string]bool) {
	isWeight := map[string]bool{}
	for _, t := range g.Initializers {
		isWeight[t.Name] = true
	}
	var input *proto.Value
	for i := range g.Inputs {
		p := &g.Inputs[i]
		switch {
		case isWeight[p.Name]:
		case input == nil || need[p.Name] && !need[input.Name]:
			input = p
		case need[p.Name]:
			im.failf(ErrUnsupported, "inputs: got %q and %q, want one", input.Name, p.Name)
		}
	}
	if input == nil {
		im.failf(ErrInvalid, "got no input, want one")
	}
	im.where = fmt.Sprintf("input %q: ", input.Name)
	im.input(input)
	im.where = ""
}

func (im *importer) input(p *proto.Value) {
	if !p.HasShape || len(p.Dims) != 4 && len(p.Dims) != 2 {
		im.failf(ErrUnsupported, "got shape %v, want [N C H W] or [N K]", p.Dims)
	}
	if p.Type != 0 && !proto.IsFloat(p.Type) {
		im.failf(ErrUnsupported, "got element type %d, want float32", p.Type)
	}
	dims := []int{1}
	for i, d := range p.Dims[1:] {
		if d < 1 && i > 0 && im.hw[i-1] > 0 {
			d = int64(im.hw[i-1])
		}
		if d < 1 || d > maxSize {
			im.failf(ErrUnsupported, "got shape %v, want channels, height and width fixed (or a size as an option)", p.Dims)
		}
		dims = append(dims, int(d))
	}
	if n, ok := product(dims); !ok {
		im.failf(ErrUnsupported, "got shape %v, want at most %d elements", p.Dims, maxSize)
	} else if b := p.Dims[0]; b > 1 && b <= int64(maxSize/n) {
		im.batch = int(b)
	} else if b > 1 {
		im.failf(ErrUnsupported, "got shape %v, want at most %d elements", p.Dims, maxSize)
	}
	im.m.Graph.Inputs = []weights.Value{{Name: p.Name, Shape: dims[1:]}}
	im.shapes[p.Name] = dims[1:]
	im.suffix["v:"+p.Name] = 0
	im.define(p.Name, &value{base: p.Name, dims: dims})
}

func (im *importer) node(n *proto.Node) {
	im.n = n
	for name, a := range n.Attrs {
		if a.Graph {
			im.failf(ErrUnsupported, "%q: got a subgraph, want none", name)
		}
	}
	op := n.Operator()
	if im.fold(folds[op]) {
		return
	}
	read := reads[op]
	if read == nil {
		im.failf(ErrUnsupported, "unknown operator; supported are %s", supportedList())
	}
	read(im)
}
