package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/plan"
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

	// Chain has the steps, in order, that run as this one, on a band of rows at a time:
	// each as it would be alone, but never timed. Of such a step Kind is "chain" and
	// Implementation that of the depthwise convolution or the pooling. nil of any other.
	Chain []Step
}

// Steps returns the plan in the order in which it runs.
func (m *Model) Steps() []Step {
	out := make([]Step, len(m.plan.Steps))
	for i := range out {
		st := &m.plan.Steps[i]
		d := st.Runner.Describe()
		out[i] = m.step(st.Label, &d, st.Parts)
	}
	return out
}

func (m *Model) step(l plan.Label, d *plan.Description, parts int) Step {
	st := Step{
		Node: l.Node, Op: l.Op, Kernel: d.Kernel, MACs: d.MACs, Bytes: d.Bytes, Parts: parts,
		Kind: d.Kind, Tile: d.Tile, Sizes: d.Sizes,
	}
	if d.Call != nil {
		name := m.plan.Set.Implementation(d.Call)
		st.Implementation = name
		st.Reference = kernel.IsReference(name) && m.info.ISA != "generic"
	}
	for i := range d.Chain {
		p := &d.Chain[i]
		st.Chain = append(st.Chain, m.step(p.Label, &p.Description, parts))
	}
	return st
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
