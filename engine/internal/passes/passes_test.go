package passes

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/internal/cputime"
)

// Each pass on small graphs: what it must rewrite, and what it must leave alone.
func TestPasses(t *testing.T) {
	for _, c := range []struct {
		name          string
		pass          Pass
		before, after string
	}{
		{"an activation moves in front of a concat", SplitActivations, `
			a = dense x
			b = opaque x
			c = concat a b
			y = relu c
			= y`, `
			a = dense x
			b = opaque x
			a|n3 = relu a
			b|n3 = relu b
			y = concat a|n3 b|n3
			= y`},
		{"a concat that others read stays", SplitActivations, `
			a = dense x
			c = concat a x
			y = relu c
			= y c`, ``},
		{"so does one that two activations read", SplitActivations, `
			a = dense x
			c = concat a x
			y = relu c
			z = relu6 c
			= y z`, ``},

		{"a ReLU behind a ReLU and a pooling goes", DropActivations, `
			a = relu x
			b = pool a
			c = relu b
			y = dense c
			= y`, `
			a = relu x
			b = pool a
			y = dense b
			= y`},
		{"an output that goes is the value before it", DropActivations, `
			a = relu6 x
			y = relu a
			= y`, `
			a = relu6 x
			= a`},
		{"a chain of them goes at once", DropActivations, `
			a = relu x
			b = relu a
			c = relu b
			y = add c b
			= y`, `
			a = relu x
			y = add a a
			= y`},
		{"a sum of what may be negative keeps its ReLU", DropActivations, `
			a = relu x
			b = add a x
			y = relu b
			= y`, ``},
		{"a ReLU6 is not a ReLU", DropActivations, `
			a = relu x
			y = relu6 a
			= y`, ``},
		{"what a convolution computes may be negative", DropActivations, `
			a = relu x
			b = dense a
			y = relu b
			= y`, ``},

		{"a convolution absorbs an activation", FuseActivations, `
			a = dense x
			y = relu6 a
			= y`, `
			y = dense x -> [0 6]
			= y`},
		{"and two", FuseActivations, `
			a = lean x
			b = relu a
			y = relu6 b
			= y`, `
			y = lean x -> [0 6]
			= y`},
		{"an activation absorbs another", FuseActivations, `
			a = relu x
			y = relu6 a
			= y`, `
			y = relu x -> [0 6]
			= y`},
		{"not where others read the value before it", FuseActivations, `
			a = dense x
			y = relu a
			z = add a y
			= z`, ``},
		{"not where that value is an output", FuseActivations, `
			a = dense x
			y = relu a
			= y a`, ``},
		{"not into what absorbs nothing", FuseActivations, `
			a = opaque x
			y = relu a
			= y`, ``},
		{"not into the input", FuseActivations, `
			y = relu x
			= y`, ``},

		{"a product becomes the factors of the convolution that reads it", FuseFactors, `
			f = lean x
			a = scale x f
			y = dense a
			= y`, `
			f = lean x
			y = dense x * f
			= y`},
		{"not where others read it", FuseFactors, `
			f = lean x
			a = scale x f
			b = dense a
			y = add a b
			= y`, ``},
		{"not where it has an activation", FuseFactors, `
			f = lean x
			a = scale x f
			b = relu a
			y = dense b
			= y`, ``},
		{"not into what takes no factors", FuseFactors, `
			f = lean x
			a = scale x f
			y = lean a
			= y`, ``},
		{"not where it is an output", FuseFactors, `
			f = lean x
			a = scale x f
			y = dense a
			= y a`, ``},
		{"one product for a convolution", FuseFactors, `
			f = lean x
			a = scale x f
			b = scale a f
			y = dense b
			= y`, `
			f = lean x
			a = scale x f
			y = dense a * f
			= y`},

		{"an add becomes the residual of the later convolution", FuseResiduals, `
			a = dense x
			b = dense a
			y = add a b
			= y`, `
			a = dense x
			y = dense a + a
			= y`},
		{"the second, if both would do", FuseResiduals, `
			a = dense x
			b = dense x
			y = add b a
			= y`, `
			a = dense x
			y = dense x + a
			= y`},
		{"a residual that comes too late", FuseResiduals, `
			a = dense x
			b = opaque x
			y = add a b
			= y`, ``},
		{"one residual a node", FuseResiduals, `
			a = dense x
			b = dense x
			c = add a b
			y = add c x
			= y`, `
			a = dense x
			c = dense x + a
			y = add c x
			= y`},
		{"x + x has no other", FuseResiduals, `
			a = dense x
			y = add a a
			= y`, ``},
		{"what takes no residual", FuseResiduals, `
			a = lean x
			y = add x a
			= y`, ``},

		{"all together: a residual unit", Run, `
			a = dense x
			b = relu a
			c = dense b
			d = add c b
			e = relu d
			f = pool e
			y = relu f
			= y`, `
			b = dense x -> [0 +Inf]
			e = dense b + b -> [0 +Inf]
			f = pool e
			= f`},
		{"a residual is not added behind an activation", Run, `
			a = dense x
			b = relu a
			y = add x b
			= y`, `
			b = dense x -> [0 +Inf]
			y = add x b
			= y`},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := parse(t, c.before)
			before := format(g)
			want := tidy(c.after)
			if want == "" {
				want = before
			}
			if got := format(c.pass(g)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if after := format(g); after != before {
				t.Errorf("the pass changed its argument: it is\n%s\nand was\n%s", after, before)
			}
		})
	}
}

// chain is a graph of n nodes, each of which a pass rewrites or walks past.
func chain(t *testing.T, n int, line string) *graph.Graph {
	var s strings.Builder
	last := "x"
	for i := range n {
		next := fmt.Sprintf("v%d", i)
		fmt.Fprintf(&s, "%s = %s\n", next, strings.ReplaceAll(line, "LAST", last))
		last = next
	}
	fmt.Fprintf(&s, "= %s", last)
	return parse(t, s.String())
}

// A file may have 65,536 nodes of any kind. Passes that took time of order n^2 would
// take minutes.
func TestPassesAreLinear(t *testing.T) {
	for _, line := range []string{"relu LAST", "relu6 LAST", "add LAST x", "add x LAST", "dense LAST", "concat LAST x", "pool LAST"} {
		g := chain(t, 1<<16, line)
		if took := cputime.Of(func() { g = Run(g) }); took > cputime.Bound(20*time.Second) {
			t.Errorf("%s, 65,536 times: took %v of processor time, want less than 20 s", line, took)
		}
		if len(g.Nodes) > 1<<16 {
			t.Errorf("%s: got %d nodes", line, len(g.Nodes))
		}
	}
}
