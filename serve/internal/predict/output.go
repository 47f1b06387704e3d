package predict

import (
	"slices"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/serve/internal/network"
	"github.com/riffle-ml/riffle/serve/internal/oip"
)

// The outputs that every model has, besides those of its network.
const (
	Classes       = "classes"       // INT64 [n k], most probable first
	Labels        = "labels"        // BYTES [n k], their names; "" where the model has none
	Probabilities = "probabilities" // FP32 [n k]
	Embedding     = "embedding"     // FP32 [n length], what the last linear layer reads
	Permutations  = "permutations"  // BYTES [n], JSON: what the dynamic layers chose
	Stages        = "stages"        // INT64 [n 4], nanoseconds: queue, decode, resize, run
)

// output collects one output of an answer, sample by sample.
type output interface {
	// size is about how many bytes all samples take, at most, as they are collected and as
	// they are written in an answer.
	size() int64
	// take takes sample i from x. The first time, it makes room for all of them.
	take(i int, x *network.Runner, took *[len(stages)]time.Duration) error
	tensor() oip.Tensor
}

// find returns the index of a network's output, or -1.
func find(n *network.Network, name string) int {
	return slices.IndexFunc(n.Info.Outputs, func(o engine.Output) bool { return o.Name == name })
}
