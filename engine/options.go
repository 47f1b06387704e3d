package engine

import (
	"fmt"
	"runtime"

	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// Option changes how a model is loaded. The default of each is in its comment. Of
// two of the same kind the later one holds, but WithOutputs and WithFileLimits add up.
// A value that cannot be had is [ErrOption] when loading.
type Option func(*options) error

type options struct {
	threads        int
	isa            string
	halves         bool
	limits         Limits
	maxActivations int64 // 0: as limits say
	file           []weights.Option
	outputs        outputs
	size           [2]int // height and width of the input; 0: the model's own
	bands          int    // see plan.Builder, for tests
}

func newOptions(opts []Option) (*options, error) {
	o := &options{threads: runtime.GOMAXPROCS(0)}
	for _, f := range opts {
		if err := f(o); err != nil {
			return nil, err
		}
	}
	o.threads = min(o.threads, plan.MaxParts)
	return o, nil
}

// WithThreads sets how many threads one run may use, the caller's among them, at
// least 1. Default: runtime.GOMAXPROCS, which follows a container's quota. More
// than 32 are taken as 32, and no run uses more than GOMAXPROCS at that moment.
// The result has the same bits whatever the number. A server that has a picture
// for every processor wants 1: its threads then never wait for one another.
func WithThreads(n int) Option {
	return func(o *options) error {
		if n < 1 {
			return fmt.Errorf("%w: threads: got %d, want at least 1", ErrOption, n)
		}
		o.threads = n
		return nil
	}
}

// WithISA chooses the instruction set by name: generic, avx2, avxvnni, avx512, neon; [Sets] has
// those of this machine. Default, and "": what the environment variable
// RIFFLE_ISA says, else the best that the machine has. Loading fails with
// [ErrOption] if the machine cannot run it.
func WithISA(name string) Option {
	return func(o *options) error { o.isa = name; return nil }
}

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
		if bytes < 1 || bytes > mostActivations {
			return fmt.Errorf("%w: activations: got a limit of %d bytes, want 1 to %d", ErrOption, bytes, int64(mostActivations))
		}
		o.maxActivations = bytes
		return nil
	}
}

// WithFileLimits bounds what Load, LoadBytes and LoadFS accept of a file: its size,
// tensors, dimensions and what else [weights.Option] has. Default: the defaults
// of weights.Read. New, which reads no file, has no use for it. What exceeds one
// is a [weights.FormatError], errors.Is(err, weights.ErrLimit).
func WithFileLimits(limits ...weights.Option) Option {
	return func(o *options) error { o.file = append(o.file, limits...); return nil }
}

// WithOutputs makes intermediate values outputs too, behind the model's own and
// in the order given: embeddings before the classifier, say, or what a layer
// sees. A name is a value's, or a node's (its first output); [Model.Info] has the
// nodes. A value that is an output already is not doubled. Layers that were
// fused with what follows are computed apart, so that a run may take longer.
// Default: none. Loading fails with a [ModelError] for a name that does not exist.
func WithOutputs(names ...string) Option {
	return func(o *options) error { o.outputs.more = append(o.outputs.more, names...); return nil }
}

// WithInputSize runs the model on inputs of height x width pixels, whatever size it was
// exported at: a convolutional network has the same weights for all. Preprocessing scales
// and crops to that size, with the margins that it had in proportion. Padding, and the kernels of pools, stay
// as they are in the file. Default: the model's own size. Loading fails with a [ModelError] that names the
// node which is made for one size alone, such as a linear layer that reads all pixels, and with [ErrOption] for a
// size below 1 or above 65,536.
func WithInputSize(height, width int) Option {
	return func(o *options) error {
		if min(height, width) < 1 || max(height, width) > 1<<16 {
			return fmt.Errorf("%w: input size: got %dx%d, want 1 to %d pixels each way", ErrOption, height, width, 1<<16)
		}
		o.size = [2]int{height, width}
		return nil
	}
}

// WithClasses names the output that [Model.Top] and [Model.Classify] read: it becomes
// the first. A name is a value's, or a node's (its first output), as in [WithOutputs].
// The model's labels are dropped if they are not that output's. Default: the model's
// own first output. Loading fails with a [ModelError] for a name that does not exist.
func WithClasses(output string) Option {
	return func(o *options) error { o.outputs.classes = output; return nil }
}

// WithEmbedding makes the vector that the last linear layer reads an output too, the
// last one: [Model.Embed] returns it. Where that layer computes in 8 bits, it is the vector
// before it is rounded to these. Loading fails with a [ModelError] if the network has no
// linear layer.
func WithEmbedding() Option {
	return func(o *options) error { o.outputs.embedding = true; return nil }
}

// Sets returns the names of the instruction sets that this machine can run,
// best first.
func Sets() []string {
	var s []string
	for _, x := range kernel.Sets() {
		s = append(s, x.Name)
	}
	return s
}
