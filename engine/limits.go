package engine

import (
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

	// mostActivations keeps offsets into the arena within 31 bits.
	mostActivations = 8<<30 - 1024
)

// meter counts against the limits on m. maxActivations is what WithMaxActivations said,
// or 0.
func (asked Limits) meter(m *weights.Model, maxActivations int64) *limit.Meter {
	var weights int64
	for i := range m.Tensors {
		weights += int64(m.Tensors[i].Len())
	}
	l := limit.Limits{Memory: asked.Memory, Work: asked.Work, Nodes: int64(asked.Nodes), Value: 1 << 27}
	if l.Memory == 0 {
		l.Memory = min(baseMemory+memoryPerWeight*weights, mostMemory)
		if maxActivations > 0 { // asked for by name
			l.Memory = max(l.Memory, maxActivations+memoryPerWeight*weights)
		}
	}
	if l.Work == 0 {
		l.Work = baseWork + workPerWeight*weights
	}
	if l.Nodes == 0 {
		l.Nodes = defaultNodes
	}
	l.Activations = mostActivations
	if maxActivations > 0 {
		l.Activations, l.Value = maxActivations, maxActivations/4
	}
	return &limit.Meter{Limits: l}
}
