package op

import "github.com/riffle-ml/riffle/engine/internal/assign"

// Generator is a plan's state for one generator: who it is, and how to make its
// [Choice] for a Memory.
type Generator struct {
	Node                string // of the graph
	Groups, A, B, Pairs int
	Usual               []int // what it chose most often in training: sigma and tau of each pair; may be nil
	hidden              int
}

// Choice is what a generator chose last, in one Memory.
type Choice struct {
	Sigma, Tau []int32 // Pairs*A and Pairs*B: the column of each row
	Fixed      bool    // they were prescribed, and are not to be computed

	hidden, logits []float32
	assign         assign.Solver
}

// New returns a choice that is, before the first run, the static shuffle.
func (g *Generator) New() any {
	c := &Choice{
		Sigma: make([]int32, g.Pairs*g.A), Tau: make([]int32, g.Pairs*g.B),
		hidden: make([]float32, g.hidden), logits: make([]float32, g.Pairs*(g.A*g.A+g.B*g.B)),
		assign: assign.NewSolver(max(g.A, g.B)),
	}
	for i := range c.Sigma {
		c.Sigma[i] = int32(i % g.A)
	}
	for i := range c.Tau {
		c.Tau[i] = int32(i % g.B)
	}
	return c
}

// Copy makes choice to like choice from.
func (g *Generator) Copy(to, from any) {
	t, f := to.(*Choice), from.(*Choice)
	copy(t.Sigma, f.Sigma)
	copy(t.Tau, f.Tau)
	t.Fixed = f.Fixed
}
