package op

import (
	"cmp"
	"fmt"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/engine/internal/limit"
	"github.com/riffle-ml/riffle/engine/internal/plan"
	"github.com/riffle-ml/riffle/engine/internal/step"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// generator is what both dynamic operators share: a permutation of the channels is
// chosen from their means, by two small matrix products and an exact assignment
// (weights/FORMAT.md has the formula). What the choice changes are tables alone: of
// the consumers, for a dynamic shuffle; of the gathered residual, for a
// static-dynamic one.
type generator struct {
	factors
	hidden         int
	w1, b1, w2, b2 *weights.Tensor
	usual          []int // sigma and tau of each pair; nil if the file does not say
}

const maxFactor = 64 // an assignment takes time of order n^3

// parseGenerator reads the generator of a node over c channels; nil if it has an
// error.
func parseGenerator(a *graph.Attrs, c int) *generator {
	g := &generator{factors: factors{groups: a.MustInts("groups", 1, c, 1)[0]}}
	f := a.MustInts("factors", 1, maxFactor, 1, 1)
	g.a, g.b = f[0], f[1]
	if g.groups*g.a*g.b != c {
		a.Failf("groups %d x factors %dx%d: got %d channels, want %d", g.groups, g.a, g.b, g.groups*g.a*g.b, c)
		return nil
	}
	g.pairs = a.MustInts("pairs", 1, c, 1)[0]
	if g.pairs != 1 && g.pairs != g.groups {
		a.Failf("pairs: got %d, want 1 or the number of groups, %d", g.pairs, g.groups)
		return nil
	}
	if a.Has("usual") {
		g.usual = a.List("usual")
		if err := checkPairs(g.usual, g.pairs, g.a, g.b); err != nil {
			a.Failf("attribute \"usual\"%w", err)
			return nil
		}
	}
	if s := a.Peek("b1", 1); s != nil {
		g.hidden = s[0]
	} else {
		a.Failf("tensor \"b1\": got none of rank 1, want [hidden]")
	}
	logits := g.logits()
	g.w1, g.b1 = a.Tensor("w1", g.hidden, c), a.Tensor("b1", g.hidden)
	g.w2, g.b2 = a.Tensor("w2", logits, g.hidden), a.Tensor("b2", logits)
	return g
}

// checkPairs fails unless p is a permutation of a values and one of b, so many
// times.
func checkPairs(p []int, pairs, a, b int) error {
	if len(p) != pairs*(a+b) {
		return fmt.Errorf(": got %d values, want %d", len(p), pairs*(a+b))
	}
	for i := range pairs {
		s, t := p[i*(a+b):][:a], p[i*(a+b)+a:][:b]
		if err := cmp.Or(graph.CheckBijection(s, a), graph.CheckBijection(t, b)); err != nil {
			return fmt.Errorf(", pair %d: %w", i, err)
		}
	}
	return nil
}

// logits is how many the second product gives.
func (g *generator) logits() int { return g.pairs * (g.a*g.a + g.b*g.b) }

// work is macs and the assignments, each of order n^3.
func (g *generator) work() int64 {
	return g.macs() + limit.Product(g.pairs, g.a*g.a*g.a+g.b*g.b*g.b)
}

func (g *generator) macs() int64 { return int64(len(g.w1.Data) + len(g.w2.Data)) }

// add adds the mean of node's input. It returns the step that chooses, to be added
// once its outputs are known.
func (g *generator) add(b *plan.Builder, node *Node) *generatorStep {
	_, pixels := node.InShapes[0].Planes()
	mean := step.Mean(b, node.Label, node.In[0], pixels)
	return &generatorStep{
		generator: g, mean: b.Use(mean[:1]), channels: len(node.In[0]),
		state: b.NewState(&Generator{
			Node: node.Node, Groups: g.groups, A: g.a, B: g.b, Pairs: g.pairs, Usual: g.usual, hidden: g.hidden,
		}),
	}
}

// generatorStep chooses a permutation and writes the tables that follow from it.
type generatorStep struct {
	*generator
	state    int          // of the plan
	mean     plan.TableID // one entry: the vector of means
	channels int
	outs     []routed
}

// routed is one dynamic table that a generator fills from the planes of another.
type routed struct {
	table plan.DynamicID
	src   plan.TableID // groups*a*b planes
	order order
}

// route makes a tensor of x's planes in the given order. It is for the step that
// is added next, which must be t.
func (t *generatorStep) route(b *plan.Builder, x plan.Tensor, o order) (plan.Tensor, error) {
	id, y, err := b.NewDynamic(x)
	if err != nil {
		return nil, err
	}
	t.outs = append(t.outs, routed{id, b.UseType(x, b.Type(x)), o})
	return y, nil
}

func (t *generatorStep) Run(w *plan.Worker, s plan.Share) {
	c := w.State(t.state).(*Choice)
	if !c.Fixed {
		t.choose(w, c)
	}
	for _, o := range t.outs {
		t.fill(w.Slots(o.table), w.Table(o.src), c.Sigma, c.Tau, o.order)
		w.Publish(o.table)
	}
}

// choose computes sigma and tau from the means.
func (t *generatorStep) choose(w *plan.Worker, c *Choice) {
	k := &w.Args.Dots
	*k = kernel.Dots{X: w.Vector(t.mean, t.channels), W: t.w1.Data, Bias: t.b1.Data, Y: c.hidden, In: t.channels, Out: t.hidden}
	w.Set.Dots(k)
	for h, v := range c.hidden {
		c.hidden[h] = max(v, 0)
	}
	*k = kernel.Dots{X: c.hidden, W: t.w2.Data, Bias: t.b2.Data, Y: c.logits, In: t.hidden, Out: len(c.logits)}
	w.Set.Dots(k)
	aa, bb := t.a*t.a, t.b*t.b
	for i := range t.pairs {
		l := c.logits[i*(aa+bb) : (i+1)*(aa+bb)]
		c.assign.Solve(c.Sigma[i*t.a:(i+1)*t.a], l[:aa])
		c.assign.Solve(c.Tau[i*t.b:(i+1)*t.b], l[aa:])
	}
}

func (t *generatorStep) Describe() plan.Description {
	n := t.macs()
	return plan.Description{
		Kernel: fmt.Sprintf("generator %d-%d-%d, %d assignments of %d and %d", t.channels, t.hidden, t.logits(), t.pairs, t.a, t.b),
		Kind:   "generator", Call: &kernel.Dots{In: t.channels, Out: t.hidden},
		MACs: n, Bytes: 4 * n,
	}
}
