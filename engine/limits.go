package engine

import (
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/weights"
)

// Limits bound what a model may ask for. What it does ask for is known when its plan
// is made, before memory is allocated for activations, and a model that is over a
// limit is refused with a [LimitError]. A field that is 0 has its default.
type Limits struct {
	// Memory is in bytes: a session's activations, and the packed weights and tables
	// that its model keeps. Default: 192 MiB and 32 times the model's weights in
	// float32, and no more than 4 GiB.
	Memory int64
	// Work is in multiply-adds of one sample. What else a network computes or moves
	// counts in the time that it takes. Default: 20 thousand million, and 10,000 for
	// each weight. ResNet-50 at 224 x 224 takes 4 thousand million.
	Work int64
	// Nodes is how many the graph may have. Default: 65,536.
	Nodes int
}

const (
	baseMemory      = 192 << 20
	memoryPerWeight = 32 * 4
	mostMemory      = 4 << 30
	baseWork        = 20e9
	workPerWeight   = 10_000
	defaultNodes    = 1 << 16

	// maxActivations keeps offsets into the arena within 31 bits.
	maxActivations = 8<<30 - 1024
)

// WithLimits changes what a model may ask for. Negative values are [ErrOption].
func WithLimits(l Limits) Option {
	return func(o *options) error {
		if l.Memory < 0 || l.Work < 0 || l.Nodes < 0 {
			return fmt.Errorf("%w: limits: got %+v, want none below 0", ErrOption, l)
		}
		if l.Memory > 0 {
			o.limits.Memory = l.Memory
		}
		if l.Work > 0 {
			o.limits.Work = l.Work
		}
		if l.Nodes > 0 {
			o.limits.Nodes = l.Nodes
		}
		return nil
	}
}

// WithMaxActivations bounds the memory, in bytes, that one session's activations
// may take ([Info].ActivationBytes), and so that of any one value; 1 to 8 GiB
// less 1 KiB. Default: as [Limits].Memory, which bounds them too, and 512 MiB for one
// value. A model that wants more is refused with [ErrLimit].
func WithMaxActivations(bytes int64) Option {
	return func(o *options) error {
		if bytes < 1 || bytes > maxActivations {
			return fmt.Errorf("%w: activations: got a limit of %d bytes, want 1 to %d", ErrOption, bytes, int64(maxActivations))
		}
		o.maxActivations = bytes
		return nil
	}
}

// meter counts against the limits on m.
func (o *options) meter(m *weights.Model) *limit.Meter {
	var weights int64
	for i := range m.Tensors {
		weights += int64(len(m.Tensors[i].Data))
	}
	l := limit.Limits{Memory: o.limits.Memory, Work: o.limits.Work, Nodes: int64(o.limits.Nodes), Value: 1 << 27}
	if l.Memory == 0 {
		l.Memory = min(baseMemory+memoryPerWeight*weights, mostMemory)
		if o.maxActivations > 0 { // asked for by name
			l.Memory = max(l.Memory, o.maxActivations+memoryPerWeight*weights)
		}
	}
	if l.Work == 0 {
		l.Work = baseWork + workPerWeight*weights
	}
	if l.Nodes == 0 {
		l.Nodes = defaultNodes
	}
	l.Activations = maxActivations
	if o.maxActivations > 0 {
		l.Activations, l.Value = o.maxActivations, o.maxActivations/4
	}
	return &limit.Meter{Limits: l}
}
