package engine

import (
	"slices"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// conv chooses the way a convolution runs:
//   - one pixel to one pixel: linear;
//   - one input channel a group: depthwise;
//   - 1x1, stride 1, no padding: GEMM straight from the input's table;
//   - any other: copy the input so that every tap of the kernel is a plane at an
//     offset, and run the same GEMM over a table of those; see shifted.
func (p *planner) conv(n *node, x tensor) tensor {
	in, out := p.g.values[n.in[0]].shape, p.g.values[n.out[0]].shape
	o, pixels := out.planes()
	switch {
	case p.g.oneByOne(n):
		return p.linear(n, p.vector(n.name, x, 1), n.weight.Data)
	case n.isDepthwise(p.g):
		return p.depthwise(n, x)
	}
	c := in[0]
	m := &matmul{
		name: n.name, op: n.op, groups: n.groups, m: o / n.groups, k: c / n.groups * n.kh * n.kw,
		weight: n.weight.Data, spare: p.spare[n.weight], bias: biasOf(n, o), act: n.act, in: x, rows: 1, n: pixels,
	}
	if n.res >= 0 {
		m.res = p.tensor[n.res]
	}
	if !n.pointwise() {
		p.shifted(n, m, x)
	}
	return p.matmul(m, pixels)
}

// pointwise: every output pixel comes from the input pixel at its place.
func (n *node) pointwise() bool {
	return n.kh*n.kw == 1 && n.sh == 1 && n.sw == 1 && n.pt+n.pl+n.pb+n.pr == 0
}

// copied says whether all that reads value v is convolutions that copy it.
func (p *planner) copied(v int) bool {
	for i := range p.g.nodes {
		n := &p.g.nodes[i]
		if n.op == "" || n.res != v && !slices.Contains(n.in, v) {
			continue
		}
		if n.op != weights.OpConv || n.res == v || p.g.oneByOne(n) || n.isDepthwise(p.g) || n.pointwise() {
			return false
		}
	}
	return !slices.Contains(p.g.output, v)
}

// depthwise: output channel o reads plane o/(O/C), through the table.
func (p *planner) depthwise(n *node, x tensor) tensor {
	in, out := p.g.values[n.in[0]].shape, p.g.values[n.out[0]].shape
	o, taps := out[0], n.kh*n.kw
	w := make([]float32, o*(taps+1))
	kernel.PackDepthwise(w, n.weight.Data, biasOf(n, o), o)
	src := make(tensor, o)
	for c := range o {
		src[c] = x[c/(o/in[0])]
	}
	b := p.newBuffer(o, out[1]*out[2])
	t := &depthwiseStep{
		k: kernel.Depthwise{
			W: w, H: in[1], Wid: in[2], OH: out[1], OW: out[2], KH: n.kh, KW: n.kw, Stride: n.sh,
			PadTop: n.pt, PadLeft: n.pl, Epilogue: n.act.epilogue(),
		},
		taps: taps, c: o, src: p.use(src), dst: p.use(p.all(b)),
	}
	t.k.Masks = p.set.DepthwiseMasks(&t.k)
	t.parts = min(o, partsFor(p.threads, tapWork*o*out[1]*out[2]*taps))
	p.add(n.name, n.op, t.parts, t)
	return p.all(b)
}

type depthwiseStep struct {
	k        kernel.Depthwise // what every call shares
	taps, c  int
	src, dst int
	parts    int
}

func (t *depthwiseStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *depthwiseStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c, 1, part, t.parts)
	w.depthwise = t.k
	d := &w.depthwise
	d.Mem, d.Src, d.Dst, d.C = s.arena, s.tab[t.src][lo:hi], s.tab[t.dst][lo:hi], hi-lo
	d.W = t.k.W[lo*(t.taps+1) : hi*(t.taps+1)]
	s.plan.set.Depthwise(d)
}
