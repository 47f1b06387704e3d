package engine

import (
	"sync"
	"sync/atomic"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/run"
	"github.com/riffle-ml/riffle/weights"
)

// Model is a network ready to run. It is immutable: any number of goroutines
// may use one Model at the same time, each with a [Session] or a [Classifier] of
// its own, or through [Model.Classify], which keeps classifiers for them. A Model
// does not hold on to the file or bytes that it came from.
type Model struct {
	plan          *plan.Plan
	info          Info
	prep          *weights.Preprocess
	probabilities bool // the first output comes from a softmax
	embedding     int  // the output that WithEmbedding added; 0: none

	pool   *run.Pool
	closed atomic.Bool

	idle idle // classifiers, for Classify
}

// idle keeps what calls of a Model made and others can use again.
type idle struct {
	mu   sync.Mutex
	kept []any
}

// take returns one of what is kept; nil if there is none.
func (x *idle) take() any {
	x.mu.Lock()
	defer x.mu.Unlock()
	n := len(x.kept)
	if n == 0 {
		return nil
	}
	v := x.kept[n-1]
	x.kept = x.kept[:n-1]
	return v
}

// keep keeps v, unless there are most already.
func (x *idle) keep(v any, most int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.kept) < most {
		x.kept = append(x.kept, v)
	}
}

// Info describes the model. It costs nothing to ask again. The caller must not
// change what it points to.
func (m *Model) Info() Info { return m.info }

// Preprocess says how a picture becomes the network's input, to be carried out
// by [preprocess.New]; nil if the file does not say. The caller must not change it.
func (m *Model) Preprocess() *weights.Preprocess { return m.prep }

// Close ends the model's worker pool and drops the memory of its idle
// classifiers. Runs under way go on, on their callers' threads, and end as they
// would have. Close may be called more than once and from any goroutine. Running
// the model or one of its sessions afterwards is [ErrClosed]; asking it what it is
// (Info, Preprocess, Steps, Usual) and Top are not. It returns nil. A Model that is
// dropped without Close leaves no goroutine behind either.
func (m *Model) Close() error {
	m.closed.Store(true)
	m.pool.Close()
	for m.idle.take() != nil {
	}
	return nil
}
