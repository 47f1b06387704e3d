package engine

import (
	"math"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// affine is scale, shift and clamp; a lone activation is one without scale and
// shift.
func (p *planner) affine(n *node, x tensor) tensor {
	c, px := p.g.values[n.out[0]].planes()
	t := &affineStep{k: kernel.Affine{N: px, Epilogue: n.act.epilogue()}, c: c}
	if isActivation(n.op) {
		a := actOf(n.op).then(n.act)
		t.k.Epilogue = a.epilogue()
	}
	if n.scale != nil {
		t.k.Scale, t.k.Shift = n.scale.Data, n.shift.Data
	}
	b := p.newBuffer(c, px) // never a vector: the kernel writes 8 at a time
	t.src, t.dst = p.use(x), p.use(p.all(b))
	t.parts = min(c, partsFor(p.threads, moveWork*c*px))
	p.add(n.name, n.op, t.parts, t)
	return p.all(b)
}

type affineStep struct {
	k        kernel.Affine
	c        int
	src, dst int
	parts    int
}

func (t *affineStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *affineStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c, 1, part, t.parts)
	w.affine = t.k
	k := &w.affine
	k.Mem, k.Src, k.Dst, k.C = s.arena, s.tab[t.src][lo:hi], s.tab[t.dst][lo:hi], hi-lo
	if k.Scale != nil {
		k.Scale, k.Shift = k.Scale[lo:hi], k.Shift[lo:hi]
	}
	s.plan.set.Affine(k)
}

func (p *planner) addition(n *node, x, y tensor) tensor {
	c, px := p.g.values[n.out[0]].planes()
	b := p.newBuffer(c, px)
	t := &addStep{a: p.use(x), b: p.use(y), out: p.use(p.all(b)), c: c, n: px, act: n.act}
	t.parts = min(c, partsFor(p.threads, moveWork*c*px))
	p.add(n.name, n.op, t.parts, t)
	return p.all(b)
}

type addStep struct {
	a, b, out int
	c, n      int
	act       act
	parts     int
}

func (t *addStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *addStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c, 1, part, t.parts)
	w.add = kernel.Add{
		Mem: s.arena, A: s.tab[t.a][lo:hi], B: s.tab[t.b][lo:hi], C: s.tab[t.out][lo:hi],
		Ch: hi - lo, N: t.n, Epilogue: t.act.epilogue(),
	}
	s.plan.set.Add(&w.add)
}

func (p *planner) pool(n *node, x tensor) tensor {
	in, out := p.g.values[n.in[0]].shape, p.g.values[n.out[0]].shape
	b := p.newBuffer(out[0], out[1]*out[2])
	t := &poolStep{
		k: kernel.Pool{
			H: in[1], W: in[2], OH: out[1], OW: out[2], KH: n.kh, KW: n.kw, SH: n.sh, SW: n.sw,
			PadTop: n.pt, PadLeft: n.pl, CountPad: n.count,
		},
		max: n.op == weights.OpMaxPool, c: out[0], src: p.use(x), dst: p.use(p.all(b)),
	}
	t.k.Masks = p.set.PoolMasks(&t.k)
	t.parts = min(t.c, partsFor(p.threads, tapWork*t.c*out[1]*out[2]*n.kh*n.kw))
	p.add(n.name, n.op, t.parts, t)
	return p.all(b)
}

type poolStep struct {
	k        kernel.Pool
	max      bool
	c        int
	src, dst int
	parts    int
}

func (t *poolStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *poolStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c, 1, part, t.parts)
	w.pool = t.k
	k := &w.pool
	k.Mem, k.Src, k.Dst, k.C = s.arena, s.tab[t.src][lo:hi], s.tab[t.dst][lo:hi], hi-lo
	if t.max {
		s.plan.set.MaxPool(k)
	} else {
		s.plan.set.AvgPool(k)
	}
}

// mean is the global average pool: planes to a contiguous vector.
func (p *planner) mean(n *node, x tensor) tensor {
	_, px := p.g.values[n.in[0]].planes()
	b := p.newVector(len(x))
	t := &meanStep{src: p.use(x), dst: p.use(p.all(b)[:1]), c: len(x), n: px}
	t.parts = min(t.c, partsFor(p.threads, moveWork/2*t.c*px))
	p.add(n.name, n.op, t.parts, t)
	return p.all(b)
}

type meanStep struct{ src, dst, c, n, parts int }

func (t *meanStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *meanStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.c, 1, part, t.parts)
	at := int(s.tab[t.dst][0])
	w.mean = kernel.Mean{Mem: s.arena, Src: s.tab[t.src][lo:hi], Dst: s.arena[at+lo : at+hi], C: hi - lo, N: t.n}
	s.plan.set.Mean(&w.mean)
}

// linear multiplies a vector by weight, out x in, row-major.
func (p *planner) linear(n *node, x tensor, weight []float32) tensor {
	x = p.vector(n.name, x, 1)
	out, _ := p.g.values[n.out[0]].planes()
	b := p.newVector(out)
	t := &linearStep{w: weight, bias: biasOf(n, out), in: len(x), out: out, act: n.act}
	t.x, t.y = p.use(x[:1]), p.use(p.all(b)[:1])
	t.parts = min(out, partsFor(p.threads, len(x)*out))
	p.add(n.name, n.op, t.parts, t)
	return p.all(b)
}

type linearStep struct {
	w, bias []float32
	in, out int
	act     act
	x, y    int
	parts   int
}

func (t *linearStep) whole() runner {
	if t.parts == 1 {
		return t
	}
	u := *t
	u.parts = 1
	return &u
}

func (t *linearStep) run(s *Session, w *worker, part int) {
	lo, hi := span(t.out, s.plan.set.LinearRows, part, t.parts)
	if lo == hi {
		return
	}
	x, y := int(s.tab[t.x][0]), int(s.tab[t.y][0])
	w.linear = kernel.Linear{
		X: s.arena[x : x+t.in], W: t.w[lo*t.in : hi*t.in], Y: s.arena[y+lo : y+hi],
		In: t.in, Out: hi - lo, Epilogue: t.act.epilogue(),
	}
	w.linear.Bias = t.bias[lo:hi]
	s.plan.set.Linear(&w.linear)
}

func (p *planner) softmax(n *node, x tensor) tensor {
	x = p.vector(n.name, x, 1)
	b := p.newVector(len(x))
	p.add(n.name, n.op, 1, &softmaxStep{x: p.use(x[:1]), y: p.use(p.all(b)[:1]), n: len(x)})
	return p.all(b)
}

type softmaxStep struct{ x, y, n int }

func (t *softmaxStep) whole() runner { return t }

func (t *softmaxStep) run(s *Session, w *worker, part int) {
	x, y := int(s.tab[t.x][0]), int(s.tab[t.y][0])
	softmax(s.arena[y:y+t.n], s.arena[x:x+t.n])
}

// softmax writes exp(x - max x) normalised to sum 1, in float64 and one fixed
// order, to y. A NaN makes all of y NaN.
func softmax(y, x []float32) {
	m := x[0]
	for _, v := range x {
		m = max(m, v) // the built-in max hands NaN on
	}
	sum := 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - float64(m))
	}
	for i, v := range x {
		y[i] = float32(math.Exp(float64(v)-float64(m)) / sum)
	}
}
