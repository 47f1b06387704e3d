package passes

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/graph"
	"github.com/riffle-ml/riffle/kernel"
)

// The operators of these tests. Each has what a pass can ask for.
type (
	move   struct{ name string } // moves planes, keeps signs
	join   struct{ move }
	sum    struct{ move }
	scale  struct{ move }
	dense  struct{ name string } // absorbs all there is
	lean   struct{ name string } // absorbs an activation alone
	opaque struct{ name string } // absorbs nothing
	act    struct {
		name string
		f    kernel.Activation
	}
)

var (
	inf   = float32(math.Inf(1))
	relu  = act{"relu", kernel.Clamped(0, inf)}
	relu6 = act{"relu6", kernel.Clamped(0, 6)}
)

func (o move) Name() string   { return o.name }
func (o dense) Name() string  { return o.name }
func (o lean) Name() string   { return o.name }
func (o opaque) Name() string { return o.name }
func (o act) Name() string    { return o.name }

func (move) MACs(in, out []graph.Shape) int64   { return 0 }
func (dense) MACs(in, out []graph.Shape) int64  { return 0 }
func (lean) MACs(in, out []graph.Shape) int64   { return 0 }
func (opaque) MACs(in, out []graph.Shape) int64 { return 0 }
func (act) MACs(in, out []graph.Shape) int64    { return 0 }

func (move) NonNegative(in bool) bool { return in }
func (act) NonNegative(bool) bool     { return true }
func (join) Joins()                   {}
func (sum) Sums()                     {}

func (scale) Scales([]graph.Shape) (channels, factors int, ok bool) { return 0, 1, true }
func (scale) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}

func (o act) Activation() kernel.Activation { return o.f }

func (act) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}
func (sum) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}
func (lean) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true}
}
func (dense) Absorbs(in, out []graph.Shape) graph.Absorption {
	return graph.Absorption{Activation: true, Residual: true, Factors: true}
}

var operators = map[string]graph.Operator{
	"relu": relu, "relu6": relu6, "dense": dense{"dense"}, "lean": lean{"lean"}, "opaque": opaque{"opaque"},
	"pool": move{"pool"}, "concat": join{move{"concat"}}, "add": sum{move{"add"}}, "scale": scale{move{"scale"}},
}

// parse reads a graph from lines such as "y = add a b": value y is what add makes of
// a and b. "x" is the input, and a last line "= y z" names the outputs.
func parse(t *testing.T, text string) *graph.Graph {
	t.Helper()
	g := &graph.Graph{}
	ids := map[string]int{}
	value := func(name string) int {
		if _, ok := ids[name]; !ok {
			ids[name] = len(g.Values)
			g.Values = append(g.Values, graph.Value{Name: name, Shape: graph.Shape{4, 2, 2}})
		}
		return ids[name]
	}
	value("x")
	for line := range strings.Lines(text) {
		left, right, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		words := strings.Fields(right)
		if strings.TrimSpace(left) == "" {
			for _, w := range words {
				g.Outputs = append(g.Outputs, value(w))
			}
			continue
		}
		n := graph.Node{Name: "n" + fmt.Sprint(len(g.Nodes)), Op: operators[words[0]], Residual: graph.None}
		if n.Op == nil {
			t.Fatalf("no operator %q", words[0])
		}
		for _, w := range words[1:] {
			n.In = append(n.In, value(w))
		}
		n.Out = []int{value(strings.TrimSpace(left))}
		g.Nodes = append(g.Nodes, n)
	}
	return g
}

// format writes a graph as parse reads it, with what was fused behind: "y = dense a
// * f + b -> [0 6]".
func format(g *graph.Graph) string {
	var s strings.Builder
	for i := range g.Nodes {
		n := &g.Nodes[i]
		fmt.Fprintf(&s, "%s = %s", g.Values[n.Out[0]].Name, n.Op.Name())
		for _, v := range n.In {
			fmt.Fprintf(&s, " %s", g.Values[v].Name)
		}
		for _, v := range n.Factors {
			fmt.Fprintf(&s, " * %s", g.Values[v].Name)
		}
		if n.Residual != graph.None {
			fmt.Fprintf(&s, " + %s", g.Values[n.Residual].Name)
		}
		if n.Act != (kernel.Activation{}) {
			lo, hi := n.Act.Bounds()
			fmt.Fprintf(&s, " -> [%v %v]", lo, hi)
		}
		s.WriteString("\n")
	}
	s.WriteString("=")
	for _, v := range g.Outputs {
		fmt.Fprintf(&s, " %s", g.Values[v].Name)
	}
	return s.String()
}

// tidy removes what a literal in the source has for its looks.
func tidy(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
