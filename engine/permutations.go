package engine

import (
	"fmt"
	"slices"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/op"
)

// Permutation is what one dynamic node chose for one sample: sigma and tau for
// each pair, as the operator's definition in weights/FORMAT.md has them. With n =
// A*B channels in each of g groups, output slot j*g+i takes input slot i*n +
// sigma_i(j/B)*B + tau_i(j mod B); [Permutation.Channels] writes that out.
type Permutation struct {
	Node   string  // the node's name in Info.Nodes
	Groups int     // g
	A, B   int     // factors; A*B channels a group
	Pairs  int     // 1, or Groups
	Sigma  []int32 // Pairs*A values: row r of pair i takes column Sigma[i*A+r]
	Tau    []int32 // Pairs*B values
}

// Channels returns the channel permutation pi, of A*B*Groups channels: output
// slot c takes input slot pi[c].
func (p *Permutation) Channels() []int {
	n := p.A * p.B
	pi := make([]int, n*p.Groups)
	for i := range p.Groups {
		s, t := p.Sigma[i%p.Pairs*p.A:], p.Tau[i%p.Pairs*p.B:]
		for j := range n {
			pi[j*p.Groups+i] = i*n + int(s[j/p.B])*p.B + int(t[j%p.B])
		}
	}
	return pi
}

// Static returns the permutation that is the static channel shuffle of the same
// groups: sigma and tau are identities.
func (p *Permutation) Static() Permutation {
	q := *p
	q.Sigma, q.Tau = make([]int32, len(p.Sigma)), make([]int32, len(p.Tau))
	for i := range q.Sigma {
		q.Sigma[i] = int32(i % p.A)
	}
	for i := range q.Tau {
		q.Tau[i] = int32(i % p.B)
	}
	return q
}

// Differ counts the output channels that take another input channel under p
// than under q, which must be of the same groups, factors and pairs.
func (p *Permutation) Differ(q *Permutation) int {
	n := 0
	other := q.Channels()
	for c, from := range p.Channels() {
		if from != other[c] {
			n++
		}
	}
	return n
}

// Usual returns what each dynamic node chose most often on the data that it was
// trained on, for the nodes whose model file says so, in the order of the graph;
// nil if it says so of none. The result is a copy.
func (m *Model) Usual() []Permutation {
	var out []Permutation
	for _, g := range m.generators() {
		if g.Usual == nil {
			continue
		}
		p := permutation(g.Generator)
		for i := range g.Pairs {
			for k, v := range g.Usual[i*(g.A+g.B):][:g.A+g.B] {
				if k < g.A {
					p.Sigma = append(p.Sigma, int32(v))
				} else {
					p.Tau = append(p.Tau, int32(v))
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// generator is one of the plan's, with the number of its state.
type generator struct {
	*op.Generator
	state int
}

// generators returns the plan's, in the order of the graph.
func (m *Model) generators() []generator {
	var out []generator
	for i, s := range m.plan.States {
		if g, ok := s.(*op.Generator); ok {
			out = append(out, generator{g, i})
		}
	}
	return out
}

// permutation is one of g, without Sigma and Tau.
func permutation(g *op.Generator) Permutation {
	return Permutation{Node: g.Node, Groups: g.Groups, A: g.A, B: g.B, Pairs: g.Pairs}
}

// choice is what a generator chose last in the session.
func (s *Session) choice(g generator) *op.Choice { return s.run.Memory.State(g.state).(*op.Choice) }

// Permutations returns what every dynamic node chose for the last sample of the
// last Run, in the order of the graph; nil for a network without any. To have
// those of every sample of a batch, run them one by one: the results have the
// same bits. Before the first Run they are those of the static shuffle; after a
// Run that failed they mean nothing. The result is a copy.
func (s *Session) Permutations() []Permutation {
	var out []Permutation
	for _, g := range s.model.generators() {
		p, c := permutation(g.Generator), s.choice(g)
		p.Sigma, p.Tau = slices.Clone(c.Sigma), slices.Clone(c.Tau)
		out = append(out, p)
	}
	return out
}

// Inject makes every following Run use these permutations instead of computing
// them, for the nodes named; nil goes back to computing all. It is for
// checking an engine against a trainer, where a permutation decided by a hair
// must not be decided twice. Sigma and Tau are copied; of an entry's other fields
// only Node is looked at. An entry that names no dynamic node, or holds no
// permutation, is a [ModelError], and nothing is changed. Not to be called while
// a run is under way.
func (s *Session) Inject(perms []Permutation) error {
	all := s.model.generators()
	at := make([]generator, len(perms))
	for k := range perms {
		p := &perms[k]
		i := slices.IndexFunc(all, func(g generator) bool { return g.Node == p.Node })
		if i < 0 {
			return &ModelError{Node: p.Node, Msg: "no dynamic node of this name"}
		}
		g := all[i]
		if err := checkPairs(p.Sigma, g.Pairs, g.A); err != nil {
			return &ModelError{Node: p.Node, Msg: fmt.Sprintf("sigma: %v", err)}
		}
		if err := checkPairs(p.Tau, g.Pairs, g.B); err != nil {
			return &ModelError{Node: p.Node, Msg: fmt.Sprintf("tau: %v", err)}
		}
		at[k] = g
	}
	for _, g := range all {
		s.choice(g).Fixed = false
	}
	for k, g := range at {
		c := s.choice(g)
		copy(c.Sigma, perms[k].Sigma)
		copy(c.Tau, perms[k].Tau)
		c.Fixed = true
	}
	return nil
}

// checkPairs fails unless p is pairs permutations of n, one after another.
func checkPairs(p []int32, pairs, n int) error {
	if len(p) != pairs*n {
		return fmt.Errorf("got %d values, want %d", len(p), pairs*n)
	}
	for i := range pairs {
		if err := graph.CheckBijection(p[i*n:][:n], n); err != nil {
			return fmt.Errorf("pair %d: %w", i, err)
		}
	}
	return nil
}
