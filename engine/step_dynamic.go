package engine

import "github.com/riffle-ml/riffle/kernel"

// Both dynamic operators decide a permutation from the mean of their input, by
// one generator step (mean, two small matrix products, assignments). What the
// permutation changes are tables alone: of the next consumers, for a dynamic
// shuffle; of the gathered residual, for a static-dynamic one.

// order says which plane a dynamic table's slot holds, given sigma and tau.
type order uint8

const (
	// slot j*g+i: plane i*n + sigma_i(j/b)*b + tau_i(j mod b). The shuffle.
	orderShuffle order = iota
	// slot i*n+j: the same plane; groups kept together.
	orderGrouped
	// slot (i*a+r)*b+q: plane i*n + r*b + tau_i(q). Columns permuted alone.
	orderColumns
	// slot (i*b+q)*a+r: plane i*n + sigma_i(r)*b + q. Rows permuted alone.
	orderRows
)

// dynamicOut is one table that a generator fills from the planes of another.
type dynamicOut struct {
	table int // dynamic table
	src   int // table of C planes
	order order
}

type generatorStep struct {
	d    *dynamicSpec
	id   int // among the plan's generators
	mean int // table of one entry: the vector of C means
	c    int
	outs []dynamicOut
}

// generator adds the mean and generator steps for x. The caller adds the
// outputs before it adds the next step.
func (p *planner) generator(n *node, x tensor) *generatorStep {
	c := len(x)
	mean := p.mean(n, x)
	t := &generatorStep{d: n.dynamic, id: len(p.generators), c: c, mean: p.use(mean[:1])}
	p.generators = append(p.generators, generatorInfo{n.name, n.dynamic})
	return t
}

// output makes a dynamic table of x's planes in the given order.
func (t *generatorStep) output(p *planner, x tensor, o order) tensor {
	id := len(p.dynamic)
	p.dynamic = append(p.dynamic, dynamicTable{source: p.sources(x), size: len(x)})
	t.outs = append(t.outs, dynamicOut{id, p.use(x), o})
	out := make(tensor, len(x))
	for i := range out {
		out[i] = ref{int32(^id), int32(i)}
	}
	return out
}

func (p *planner) dynamicShuffle(n *node, x tensor) tensor {
	t := p.generator(n, x)
	out := t.output(p, x, orderShuffle)
	p.add(n.name, n.op, 1, t)
	return out
}

// grouped is y[o] = sum over c in group i of S[o,c] x[c] + gate[o] * x[pi[o]] +
// shift[o], o = j*g+i: one GEMM a group with a gathered, scaled residual.
func (p *planner) grouped(n *node, x tensor) tensor {
	d := n.dynamic
	t := p.generator(n, x)
	res := t.output(p, x, orderGrouped)
	p.add(n.name, "generator", 1, t)

	c := len(x)
	nn := c / d.groups
	_, px := p.g.values[n.out[0]].planes()
	out := p.all(p.newBuffer(c, px))
	m := &matmul{
		name: n.name, op: n.op, groups: d.groups, m: nn, k: nn, act: n.act, in: x, res: res, rows: 1, n: px,
		spare: true, weight: make([]float32, c*nn), bias: make([]float32, c), scale: make([]float32, c), out: make(tensor, c),
	}
	for i := range d.groups {
		for j := range nn {
			o, row := j*d.groups+i, i*nn+j
			copy(m.weight[row*nn:(row+1)*nn], n.weight.Data[o*nn:])
			m.bias[row], m.scale[row], m.out[row] = n.shift.Data[o], n.scale.Data[o], out[o]
		}
	}
	p.matmul(m, px)
	return out
}

// kronecker is Y = (As + P_sigma) X (Bs + P_tau)^T, scaled and shifted, with a
// group's channels as an a x b matrix X of planes, in two GEMMs whose gathered
// residuals are the permutations:
//
//	Z[r][q]  = sum_k Bs[q,k] X[r][k] + X[r][tau(q)]
//	Y[r][q]  = scale*(sum_k As[r,k] Z[k][q] + Z[sigma(r)][q]) + shift
func (p *planner) kronecker(n *node, x tensor) tensor {
	d := n.dynamic
	g, a, b := d.groups, d.a, d.b
	c, nn := len(x), d.a*d.b
	_, px := p.g.values[n.out[0]].planes()
	z := p.all(p.newBuffer(c, px))

	t := p.generator(n, x)
	columns := t.output(p, x, orderColumns)
	rows := t.output(p, z, orderRows)
	p.add(n.name, "generator", 1, t)

	first := &matmul{
		name: n.name, op: n.op, groups: g * a, m: b, k: b, act: noAct, in: x, res: columns, rows: 1, n: px,
		spare: true, weight: make([]float32, c*b), bias: make([]float32, c), out: z,
	}
	for i := range g {
		for r := range a {
			copy(first.weight[(i*a+r)*b*b:], d.wb.Data[i%d.pairs*b*b:(i%d.pairs+1)*b*b])
		}
	}
	p.matmul(first, px)

	out := p.all(p.newBuffer(c, px))
	second := &matmul{
		name: n.name, op: n.op, groups: g * b, m: a, k: a, act: n.act, in: make(tensor, c), res: rows, rows: 1, n: px,
		spare: true, weight: make([]float32, c*a), bias: make([]float32, c), scale: make([]float32, c), out: make(tensor, c),
	}
	for i := range g {
		for q := range b {
			for r := range a {
				row, o := (i*b+q)*a+r, (r*b+q)*g+i
				second.in[row] = z[i*nn+r*b+q]
				second.out[row] = out[o]
				second.bias[row], second.scale[row] = n.shift.Data[o], n.scale.Data[o]
				for k := range a {
					second.weight[row*a+k] = n.scale.Data[o] * d.wa.Data[(i%d.pairs*a+r)*a+k]
				}
			}
		}
	}
	p.matmul(second, px)
	return out
}

// generatorState is a session's own scratch for one generator.
type generatorState struct {
	hidden     []float32
	logits     []float32
	sigma, tau []int32 // pairs*a and pairs*b: row r's column
	assign     assigner
	fixed      bool // sigma and tau were injected
}

func newGeneratorState(d *dynamicSpec) generatorState {
	st := generatorState{
		hidden: make([]float32, d.hidden),
		logits: make([]float32, d.pairs*(d.a*d.a+d.b*d.b)),
		sigma:  make([]int32, d.pairs*d.a),
		tau:    make([]int32, d.pairs*d.b),
		assign: newAssigner(max(d.a, d.b)),
	}
	for i := range st.sigma { // before the first run, the static shuffle
		st.sigma[i] = int32(i % d.a)
	}
	for i := range st.tau {
		st.tau[i] = int32(i % d.b)
	}
	return st
}

func (t *generatorStep) whole() runner { return t }

func (t *generatorStep) run(s *Session, w *worker, part int) {
	d, st := t.d, &s.generators[t.id]
	at := int(s.tab[t.mean][0])
	if !st.fixed {
		mean := s.arena[at : at+t.c]
		k := &w.dots
		*k = kernel.Dots{X: mean, W: d.w1.Data, Bias: d.b1.Data, Y: st.hidden, In: t.c, Out: d.hidden}
		s.plan.set.Dots(k)
		for h, v := range st.hidden {
			st.hidden[h] = max(v, 0)
		}
		*k = kernel.Dots{X: st.hidden, W: d.w2.Data, Bias: d.b2.Data, Y: st.logits, In: d.hidden, Out: len(st.logits)}
		s.plan.set.Dots(k)
		aa, bb := d.a*d.a, d.b*d.b
		for i := range d.pairs {
			l := st.logits[i*(aa+bb) : (i+1)*(aa+bb)]
			st.assign.solve(st.sigma[i*d.a:(i+1)*d.a], l[:aa])
			st.assign.solve(st.tau[i*d.b:(i+1)*d.b], l[aa:])
		}
	}
	for _, o := range t.outs {
		slots := s.dynamic[o.table]
		d.fill(slots, s.tab[o.src], st.sigma, st.tau, o.order)
		for _, u := range s.plan.dynamic[o.table].users {
			tab := s.tab[u.table]
			for k, pos := range u.pos {
				tab[pos] = slots[u.slots[k]]
			}
		}
	}
}

// fill writes src's entries to dst in the order that sigma and tau say.
func (d *dynamicSpec) fill(dst, src, sigma, tau []int32, o order) {
	n := d.a * d.b
	for i := range d.groups {
		sg, ta := sigma[i%d.pairs*d.a:][:d.a], tau[i%d.pairs*d.b:][:d.b]
		for r := range d.a {
			for q := range d.b {
				base := src[i*n : (i+1)*n]
				both := base[int(sg[r])*d.b+int(ta[q])]
				switch j := r*d.b + q; o {
				case orderShuffle:
					dst[j*d.groups+i] = both
				case orderGrouped:
					dst[i*n+j] = both
				case orderColumns:
					dst[i*n+j] = base[r*d.b+int(ta[q])]
				case orderRows:
					dst[(i*d.b+q)*d.a+r] = base[int(sg[r])*d.b+q]
				}
			}
		}
	}
}
