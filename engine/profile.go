package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/riffle-ml/riffle/kernel"
)

// Step describes one step of the plan: a kernel call, or several alike. Which
// steps there are for a network, and what they are called, is for people and may
// change from version to version.
type Step struct {
	Node   string // of the graph, or the input's or output's name
	Op     string // the node's operator, or what the engine does on its own: input, phases, pack, generator, output
	Kernel string // the kernel and its shape, "gemm4x24 58x58x784"
	MACs   int64  // multiply-adds of one sample
	Bytes  int64  // of activations and weights, each counted once
	Parts  int    // how many threads can share it

	Kind           string // of kernel, without its shape: "gemm", "depthwise", "maxpool"
	Tile           string // of a GEMM, "4x24"; else ""
	Sizes          []int  // of a GEMM: groups; output and input channels of a group; pixels
	Implementation string // the code that runs: "depthwise3x3s2_avx2"; "" where there is nothing to choose
	Reference      bool   // Implementation is the Go reference, although the model's instruction set is another
}

// Steps returns the plan in the order in which it runs.
func (m *Model) Steps() []Step {
	out := make([]Step, len(m.plan.Steps))
	for i := range out {
		st := &m.plan.Steps[i]
		d := st.Runner.Describe()
		out[i] = Step{
			Node: st.Node, Op: st.Op, Kernel: d.Kernel, MACs: d.MACs, Bytes: d.Bytes, Parts: st.Parts,
			Kind: d.Kind, Tile: d.Tile, Sizes: d.Sizes,
		}
		if d.Call != nil {
			name := m.plan.Set.Implementation(d.Call)
			out[i].Implementation = name
			out[i].Reference = kernel.IsReference(name) && m.info.ISA != "generic"
		}
	}
	return out
}

// Profile runs one sample as [Session.Run] does, on the calling goroutine
// alone, and writes what each step took to times, which has len(Model.Steps())
// elements. Reading the clock adds some tens of nanoseconds to each. Errors are
// as Run's.
func (s *Session) Profile(ctx context.Context, dst, src []float32, times []time.Duration) error {
	if err := s.usable(); err != nil {
		return err
	}
	p := s.model.plan
	for _, c := range []struct {
		what      string
		got, want int
	}{{"input", len(src), p.InLen}, {"output", len(dst), p.OutLen}, {"times", len(times), len(p.Steps)}} {
		if c.got != c.want {
			return &ShapeError{c.what, fmt.Sprintf("%d elements", c.got), fmt.Sprint(c.want)}
		}
	}
	return s.run.Profile(ctx, dst, src, times)
}
