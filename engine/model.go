package engine

import (
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Model is a network ready to run. It is immutable: any number of goroutines
// may use one Model at the same time, each with a [Session] of its own, or
// through [Model.Classify], which keeps sessions for them. A Model does not
// hold on to the file or bytes that it came from.
type Model struct {
	plan *plan
	info Info
	prep *weights.Preprocess

	helpers *helpers
	closed  atomic.Bool

	mu   sync.Mutex
	free []*classifier // idle, for Classify
}

// Load reads a .rfl file and prepares it to run. The file is closed before Load
// returns, and is not mapped: it may be replaced or cut while the Model is in use.
//
// Errors: the file system's, with the path; a [weights.FormatError] for a file
// that is none or damaged; a [ModelError] for one that is whole and makes no
// sense; [ErrLimit]; [ErrOption].
func Load(path string, opts ...Option) (*Model, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	m, err := weights.ReadFile(path, o.file...)
	if err != nil {
		return nil, err
	}
	return load(m, true, o)
}

// LoadBytes prepares a .rfl file that is in memory already, an embedded one for
// instance. b is only read, and not needed afterwards. Errors are as Load's.
func LoadBytes(b []byte, opts ...Option) (*Model, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	m, err := weights.Read(b, o.file...)
	if err != nil {
		return nil, err
	}
	return load(m, true, o)
}

// LoadFS reads a .rfl file from a file system, an embed.FS for instance. Errors
// are as Load's.
func LoadFS(fsys fs.FS, name string, opts ...Option) (*Model, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	m, err := weights.ReadFS(fsys, name, o.file...)
	if err != nil {
		return nil, err
	}
	return load(m, true, o)
}

// New prepares a model that is in memory. It checks what the model means and
// fails with a [ModelError] that names the node where it is wrong, or with a
// [weights.FormatError] where not even names and bounds hold. The Model may share
// m's tensors, labels and preprocessing: do not change them afterwards.
func New(m *weights.Model, opts ...Option) (*Model, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	return load(m, false, o)
}

// load is New for a model whose structure has been checked, as by reading it.
// If it is ours, its tensors may be packed where they are.
func load(m *weights.Model, ours bool, o *options) (*Model, error) {
	set, err := kernel.Select(o.isa)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOption, err)
	}
	if m, err = withOutputs(m, o.outputs); err != nil {
		return nil, err
	}
	g, err := buildGraph(m, o.maxElems)
	if err != nil {
		return nil, err
	}
	if err := checkLabels(m, g); err != nil {
		return nil, err
	}
	if err := checkPreprocess(m, g); err != nil {
		return nil, err
	}
	info := describe(m, g)
	fuse(g)
	var spare map[*weights.Tensor]bool
	if ours {
		spare = usedOnce(m)
	}
	p, err := makePlan(g, spare, set, o.threads, o.maxArena)
	if err != nil {
		return nil, err
	}
	info.ISA, info.Threads, info.ActivationBytes = set.Name, o.threads, 4*p.arena
	md := &Model{plan: p, info: info, prep: m.Preprocess, helpers: &helpers{}}
	// A Model that is dropped without Close must not leave its helpers parked
	// for ever.
	runtime.AddCleanup(md, func(h *helpers) { go h.close() }, md.helpers)
	return md, nil
}

// withOutputs returns m, or a copy of it that has more outputs.
func withOutputs(m *weights.Model, names []string) (*weights.Model, error) {
	if len(names) == 0 {
		return m, nil
	}
	values, nodes := map[string]bool{}, map[string]string{}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		nodes[n.Name] = n.Outputs[0]
		for _, v := range n.Outputs {
			values[v] = true
		}
	}
	more := *m
	more.Graph.Outputs = slices.Clone(m.Graph.Outputs)
	for _, name := range names {
		value := name
		if !values[name] {
			value = nodes[name]
		}
		if value == "" {
			return nil, &ModelError{Node: "output " + name, Msg: "got a name that no value and no node has"}
		}
		if !slices.Contains(more.Graph.Outputs, value) {
			more.Graph.Outputs = append(more.Graph.Outputs, value)
		}
	}
	return &more, nil
}

// usedOnce returns the tensors that one node alone names.
func usedOnce(m *weights.Model) map[*weights.Tensor]bool {
	once := make(map[*weights.Tensor]bool, len(m.Tensors))
	for i := range m.Graph.Nodes {
		for _, name := range m.Graph.Nodes[i].Tensors {
			t := m.Tensor(name)
			_, again := once[t]
			once[t] = !again
		}
	}
	return once
}

// Close ends the model's helper threads and drops the memory of its idle
// sessions. Runs under way go on, on their callers' threads, and end as they would have.
// Close may be called more than once and from any goroutine; running the model
// or one of its sessions afterwards is [ErrClosed], asking it what it is
// (Info, Preprocess, Steps, Usual) and Top are not. It returns nil. A Model that is
// dropped without Close leaves no goroutine behind either.
func (m *Model) Close() error {
	m.closed.Store(true)
	m.helpers.close()
	m.mu.Lock()
	m.free = nil
	m.mu.Unlock()
	return nil
}

// Preprocess says how a picture becomes the network's input, to be carried out
// by [preprocess.New]; nil if the file does not say. The caller must not change it.
func (m *Model) Preprocess() *weights.Preprocess { return m.prep }
