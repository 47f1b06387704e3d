package engine

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Step describes one step of the plan: a kernel call, or several alike. Which
// steps there are for a network, and what they are called, is for people and may
// change from version to version.
type Step struct {
	Node   string // of the graph, or the input's or output's name
	Op     string // the node's operator, or what the engine does on its own: input, phases, pack, generator, output
	Kernel string // the kernel and its shape, "gemm4x24 58x58x784"

	Kind           string // of the kernel: "gemm", "depthwise", "maxpool", "copy", ...
	Tile           string // of a GEMM, "4x24"; "" otherwise
	Sizes          []int  // of a GEMM: groups; output and input channels of a group; pixels
	Implementation string // the kernel with its instruction set, "depthwise3x3s2_avx2"
	Reference      bool   // the step runs the Go reference, although the model has a vector instruction set

	MACs  int64 // multiply-adds of one sample
	Bytes int64 // of activations and weights, each counted once
	Parts int   // how many threads can share it
}

// Steps returns the plan in the order in which it runs.
func (m *Model) Steps() []Step {
	out := make([]Step, len(m.plan.steps))
	for i := range out {
		st := &m.plan.steps[i]
		out[i] = st.run.describe()
		out[i].Node, out[i].Op, out[i].Parts = st.name, st.op, st.parts
		name, _, _ := strings.Cut(out[i].Kernel, " ")
		if out[i].Kind == "" {
			out[i].Kind = name
		}
		set := m.plan.set.Name
		if out[i].Reference = out[i].Reference && m.plan.set.Lanes > 1; out[i].Reference {
			set = "generic"
		}
		out[i].Implementation = name + "_" + set
	}
	return out
}

// Profile runs one sample as [Session.Run] does, on the calling goroutine
// alone, and writes what each step took to times, which has len(Model.Steps())
// elements. Reading the clock adds some tens of nanoseconds to each. Errors are
// as Run's.
func (s *Session) Profile(ctx context.Context, dst, src []float32, times []time.Duration) error {
	if s.arena == nil || s.model.closed.Load() {
		return fmt.Errorf("session: %w", ErrClosed)
	}
	p := s.plan
	for _, c := range []struct {
		what      string
		got, want int
	}{{"input", len(src), p.inLen}, {"output", len(dst), p.outLen}, {"times", len(times), len(p.steps)}} {
		if c.got != c.want {
			return &ShapeError{c.what, fmt.Sprintf("%d elements", c.got), fmt.Sprint(c.want)}
		}
	}
	s.src, s.dst = src, dst
	defer func() { s.src, s.dst = nil, nil }()
	last := time.Now()
	for i := range p.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		st := &p.steps[i]
		for part := range st.parts {
			st.run.run(s, &s.workers[0], part)
		}
		now := time.Now()
		times[i] = now.Sub(last)
		last = now
	}
	return nil
}

func (t *inputStep) describe() Step {
	return Step{Kernel: fmt.Sprintf("copy %dx%d", t.c, t.n), Bytes: int64(8 * t.c * t.n)}
}

func (t *outputStep) describe() Step {
	return Step{Kernel: fmt.Sprintf("gather %dx%d", t.c, t.n), Bytes: int64(8 * t.c * t.n)}
}

func (t *packStep) describe() Step {
	return Step{Kernel: fmt.Sprintf("gather %dx%d", t.c, t.n), Bytes: int64(8 * t.c * t.n)}
}

func (t *phasesStep) describe() Step {
	name := "phases"
	if len(t.lefts) > 1 {
		name = "columns"
	}
	return Step{
		Kind:   "phases",
		Kernel: fmt.Sprintf("%s %dx%d %dx%dx%d", name, t.sh, t.sw, t.c, t.h, t.w),
		Bytes:  4 * int64(t.c) * int64(t.h*t.w+t.pixels()),
	}
}

func (t *depthwiseStep) describe() Step {
	k := &t.k
	return Step{
		Kind: "depthwise", Reference: k.Masks == nil,
		Kernel: fmt.Sprintf("depthwise%dx%ds%d %dx%dx%d", k.KH, k.KW, k.Stride, t.c, k.OH, k.OW),
		MACs:   int64(t.c) * int64(t.taps) * int64(k.OH*k.OW),
		Bytes:  4 * int64(t.c) * int64(k.H*k.Wid+k.OH*k.OW+t.taps+1),
	}
}

func (t *gemmStep) describe() Step {
	px := int64(t.rows) * int64(t.n)
	shape := fmt.Sprintf("%dx%dx%d", t.m, t.k, px)
	if t.groups > 1 {
		shape = fmt.Sprintf("%d*%s", t.groups, shape)
	}
	g := int64(t.groups)
	d := Step{
		Kind: "gemm", Tile: t.tile.String(), Sizes: []int{t.groups, t.m, t.k, int(px)},
		Kernel: fmt.Sprintf("gemm%s %s", t.tile, shape),
		MACs:   g * int64(t.m) * int64(t.k) * px,
		Bytes:  4 * (g*int64(t.m)*int64(t.k) + g*int64(t.m+t.k)*px),
	}
	if t.r >= 0 {
		d.Bytes += 4 * g * int64(t.m) * px
		if t.scale != nil {
			d.MACs += g * int64(t.m) * px
		}
	}
	return d
}

func (t *affineStep) describe() Step {
	return Step{Kernel: fmt.Sprintf("affine %dx%d", t.c, t.k.N), Bytes: int64(8 * t.c * t.k.N)}
}

func (t *addStep) describe() Step {
	return Step{Kernel: fmt.Sprintf("add %dx%d", t.c, t.n), Bytes: int64(12 * t.c * t.n)}
}

func (t *poolStep) describe() Step {
	k, name := &t.k, "avgpool"
	slow := k.Masks == nil || k.KH != 2 && !k.CountPad // as kernel's simdAvgPool
	if t.max {
		name = "maxpool"
		slow = k.Masks == nil || k.KH != 2 && (k.KH != 3 || k.SH != 2)
	}
	return Step{
		Kind: name, Reference: slow,
		Kernel: fmt.Sprintf("%s%dx%ds%d %dx%dx%d", name, k.KH, k.KW, k.SH, t.c, k.OH, k.OW),
		Bytes:  4 * int64(t.c) * int64(k.H*k.W+k.OH*k.OW),
	}
}

func (t *meanStep) describe() Step {
	return Step{Kernel: fmt.Sprintf("mean %dx%d", t.c, t.n), Bytes: int64(4 * t.c * (t.n + 1))}
}

func (t *linearStep) describe() Step {
	return Step{
		Kernel: fmt.Sprintf("linear %dx%d", t.out, t.in),
		MACs:   int64(t.in) * int64(t.out), Bytes: 4 * int64(t.in*t.out+t.in+2*t.out),
	}
}

func (t *softmaxStep) describe() Step {
	return Step{Kernel: fmt.Sprintf("softmax %d", t.n), Bytes: int64(8 * t.n)}
}

func (t *generatorStep) describe() Step {
	d := t.d
	n := int64(len(d.w1.Data) + len(d.w2.Data))
	return Step{
		Kernel: fmt.Sprintf("generator %d-%d-%d, %d assignments of %d and %d", t.c, d.hidden, d.pairs*(d.a*d.a+d.b*d.b), d.pairs, d.a, d.b),
		MACs:   n, Bytes: 4 * n,
	}
}
