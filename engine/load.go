package engine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/op"
	"github.com/riffle-ml/riffle/engine/internal/passes"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/run"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

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

// LoadReader reads a .rfl file from a stream, up to its end or the limit on a file's
// size. Errors are as Load's.
func LoadReader(r io.Reader, opts ...Option) (*Model, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	m, err := weights.ReadStream(r, o.file...)
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
	if o.halves {
		if err := set.HalfArithmetic(); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrOption, err)
		}
	}
	if m, err = o.outputs.choose(m); err != nil {
		return nil, err
	}
	if m, err = o.sized(m); err != nil {
		return nil, err
	}
	meter := o.limits.meter(m, o.maxActivations)
	g, err := graph.Build(m, op.Kinds, meter)
	if err != nil {
		return nil, modelError(err)
	}
	if err := checkLabels(m, g); err != nil {
		return nil, err
	}
	if err := checkPreprocess(m, g); err != nil {
		return nil, err
	}
	info := describe(m, g)
	g = passes.Run(g)
	var spare map[*weights.Tensor]bool
	if ours {
		spare = usedOnce(m)
	}
	b := plan.NewBuilder(set, o.threads, meter)
	b.Halves, b.Bands = o.halves, o.bands
	if err := op.Lower(b, g, spare); err != nil {
		return nil, modelError(err)
	}
	p, err := b.Finish()
	if err != nil {
		return nil, modelError(err)
	}
	info.ISA, info.HalfArithmetic, info.Threads, info.ActivationBytes = set.Name, o.halves, o.threads, p.Arena
	md := &Model{plan: p, info: info, prep: m.Preprocess, probabilities: probabilities(g), pool: &run.Pool{}}
	if o.outputs.embedding {
		md.embedding = len(info.Outputs) - 1
	}
	// A Model that is dropped without Close must not leave its pool's threads parked
	// for ever.
	runtime.AddCleanup(md, func(p *run.Pool) { go p.Close() }, md.pool)
	return md, nil
}

// probabilities says whether the first output of g is a vector that comes from a softmax.
func probabilities(g *graph.Graph) bool {
	p := g.Producers()[g.Outputs[0]]
	return p != graph.None && len(g.Values[g.Outputs[0]].Shape) == 1 && op.IsSoftmax(g.Nodes[p].Op)
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

// modelError is an error of the packages below as this package's callers know it.
func modelError(err error) error {
	var limited *LimitError
	var over *limit.Error
	if errors.As(err, &over) {
		limited = &LimitError{Limit: over.What, Got: over.Got, Max: over.Max, err: over}
	}
	var e *graph.Error
	switch {
	case errors.As(err, &e) && limited != nil:
		return &ModelError{Node: e.Node, Op: e.Op, Msg: e.Err.Error(), Err: limited}
	case errors.As(err, &e):
		return &ModelError{Node: e.Node, Op: e.Op, Msg: e.Err.Error(), Err: e.Err}
	case limited != nil:
		return limited
	}
	return err
}
