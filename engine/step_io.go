package engine

import (
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// input copies the caller's sample into planes with slack around them.
func (p *planner) input() {
	v := &p.g.values[p.g.input]
	c, n := v.planes()
	p.inLen = c * n
	b := p.newBuffer(c, n)
	p.add(v.name, "input", partsFor(p.threads, c*n/4), &inputStep{p.use(p.all(b)), n, len(p.all(b))})
	p.steps[0].parts = min(p.steps[0].parts, c)
	p.tensor[p.g.input] = p.all(b)
}

type inputStep struct{ dst, n, c int }

func (t *inputStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c, 1, part, s.plan.steps[0].parts)
	for c, off := range s.tab[t.dst][lo:hi] {
		copy(s.arena[off:int(off)+t.n], s.src[(lo+c)*t.n:])
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

func (t *packStep) run(s *Session, w *worker, part int) {
	at := int(s.tab[t.dst][0])
	w.gather = kernel.Gather{Mem: s.arena, Src: s.tab[t.src], Out: s.arena[at : at+t.c*t.n], C: t.c, N: t.n, Pitch: t.n}
	s.plan.set.Gather(&w.gather)
}
