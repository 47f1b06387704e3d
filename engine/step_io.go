package engine

import (
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// input copies the caller's sample into planes with slack around them, unless
// it is copied for convolutions anyhow: they take it from where it is.
func (p *planner) input() {
	v := &p.g.values[p.g.input]
	c, n := v.planes()
	p.inLen = c * n
	if p.copied(p.g.input) {
		return
	}
	b := p.newBuffer(c, n)
	t := &inputStep{dst: p.use(p.all(b)), n: n, c: c, parts: partsFor(p.threads, moveWork*c*n)}
	p.add(v.name, "input", t.parts, t)
	p.tensor[p.g.input] = p.all(b)
}

type inputStep struct{ dst, n, c, parts int }

func (t *inputStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *inputStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c*t.n, 16, part, t.parts) // a part may begin inside a plane
	for lo < hi {
		c, at := lo/t.n, lo%t.n
		k := min(hi-lo, t.n-at)
		copy(s.arena[int(s.tab[t.dst][c])+at:][:k], s.src[lo:])
		lo += k
	}
}

// outputs copies each output's planes into the caller's buffer, one output
// after another.
func (p *planner) outputs() {
	first := p.g.values[p.g.output[0]].prod
	p.probabilities = first >= 0 && p.g.nodes[first].op == weights.OpSoftmax
	for _, v := range p.g.output {
		c, n := p.g.values[v].planes()
		t := &outputStep{src: p.use(p.tensor[v]), at: p.outLen, c: c, n: n}
		p.add(p.g.values[v].name, "output", 1, t)
		p.outLen += c * n
	}
}

type outputStep struct{ src, at, c, n int }

func (t *outputStep) whole() runner { return t }

func (t *outputStep) run(s *Session, w *worker, part int) {
	w.gather = kernel.Gather{Mem: s.arena, Src: s.tab[t.src], Out: s.dst[t.at : t.at+t.c*t.n], C: t.c, N: t.n, Pitch: t.n}
	s.plan.set.Gather(&w.gather)
}

// vector makes t one contiguous vector of len(t)*pixels elements. No step if it
// is one already.
func (p *planner) vector(name string, t tensor, pixels int) tensor {
	if pixels == 1 && p.contiguous(t) {
		return t
	}
	b := p.newVector(len(t) * pixels)
	g := &packStep{src: p.use(t), dst: p.use(p.all(b)[:1]), c: len(t), n: pixels}
	p.add(name, "pack", 1, g)
	return p.all(b)
}

// packStep is a Gather into the arena.
type packStep struct{ src, dst, c, n int }

func (t *packStep) whole() runner { return t }

func (t *packStep) run(s *Session, w *worker, part int) {
	at := int(s.tab[t.dst][0])
	w.gather = kernel.Gather{Mem: s.arena, Src: s.tab[t.src], Out: s.arena[at : at+t.c*t.n], C: t.c, N: t.n, Pitch: t.n}
	s.plan.set.Gather(&w.gather)
}
