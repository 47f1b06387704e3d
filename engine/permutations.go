package engine

import "fmt"

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
	for _, g := range m.plan.generators {
		d := g.d
		if d.usual == nil {
			continue
		}
		p := Permutation{Node: g.name, Groups: d.groups, A: d.a, B: d.b, Pairs: d.pairs}
		for i := range d.pairs {
			for k, v := range d.usual[i*(d.a+d.b):][:d.a+d.b] {
				if k < d.a {
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

// Permutations returns what every dynamic node chose for the last sample of the
// last Run, in the order of the graph; nil for a network without any. To have
// those of every sample of a batch, run them one by one: the results have the
// same bits. Before the first Run they are those of the static shuffle; after a
// Run that failed they mean nothing. The result is a copy.
func (s *Session) Permutations() []Permutation {
	var out []Permutation
	for i, g := range s.plan.generators {
		st := &s.generators[i]
		out = append(out, Permutation{
			Node: g.name, Groups: g.d.groups, A: g.d.a, B: g.d.b, Pairs: g.d.pairs,
			Sigma: append([]int32(nil), st.sigma...), Tau: append([]int32(nil), st.tau...),
		})
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
	at := make([]int, len(perms))
	for k := range perms {
		p := &perms[k]
		at[k] = -1
		for i, g := range s.plan.generators {
			if g.name == p.Node {
				at[k] = i
			}
		}
		if at[k] < 0 {
			return &ModelError{Node: p.Node, Msg: "no dynamic node of this name"}
		}
		d := s.plan.generators[at[k]].d
		if err := checkPairs(p.Sigma, d.pairs, d.a); err != nil {
			return &ModelError{Node: p.Node, Msg: fmt.Sprintf("sigma: %v", err)}
		}
		if err := checkPairs(p.Tau, d.pairs, d.b); err != nil {
			return &ModelError{Node: p.Node, Msg: fmt.Sprintf("tau: %v", err)}
		}
	}
	for i := range s.generators {
		s.generators[i].fixed = false
	}
	for k, i := range at {
		st := &s.generators[i]
		copy(st.sigma, perms[k].Sigma)
		copy(st.tau, perms[k].Tau)
		st.fixed = true
	}
	return nil
}

// checkPairs fails unless p is pairs permutations of n, one after another.
func checkPairs(p []int32, pairs, n int) error {
	if len(p) != pairs*n {
		return fmt.Errorf("got %d values, want %d", len(p), pairs*n)
	}
	one := make([]int, n)
	for i := range pairs {
		for j := range one {
			one[j] = int(p[i*n+j])
		}
		if err := checkBijection(one, n); err != nil {
			return fmt.Errorf("pair %d: %w", i, err)
		}
	}
	return nil
}
