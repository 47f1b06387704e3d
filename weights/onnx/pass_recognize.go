package onnx

import (
	"math"
	"slices"

	"github.com/riffle-ml/riffle/internal/element"
	"github.com/riffle-ml/riffle/weights"
)

// Exporters write many activations in parts: SiLU as a product with a sigmoid, GELU as
// five nodes, hard swish in three ways. recognize finds them by what they compute: a node
// of two operands, both of which come from one value by functions of single elements, is
// a function of that value. If it has, at many points, the values of a known activation
// times a factor, it becomes that activation.

// recognize replaces such nodes. The parts that nothing else needs are for prune.
func (im *importer) recognize() {
	g := &im.m.Graph
	if !slices.ContainsFunc(g.Nodes, last) {
		return
	}
	r := &recognizer{im: im, maker: map[string]int{}}
	for _, n := range g.Nodes {
		a, x, factor := r.activation(&n)
		if a != nil {
			out := n.Outputs
			if factor != 1 {
				out = []string{im.unique("v:", n.Outputs[0]+"/activation")}
				im.shapes[out[0]] = im.shapes[x]
			}
			name := n.Name
			if factor != 1 {
				name = im.unique("n:", name+"/activation")
			}
			r.add(weights.Node{Name: name, Op: a.op, Inputs: []string{x}, Outputs: out, Attrs: a.attrs})
			if factor == 1 {
				continue
			}
			s := im.newAffine(im.shapes[x][0])
			for i := range s.scale {
				s.scale[i] = factor
			}
			im.affines[n.Outputs[0]] = s
			n = weights.Node{Name: n.Name, Op: weights.OpAffine, Inputs: out, Outputs: n.Outputs, Tensors: map[string]string{}}
		}
		r.add(n)
	}
	g.Nodes = r.nodes
	im.prune()
}

// recognizer is the graph as far as it is done.
type recognizer struct {
	im    *importer
	nodes []weights.Node
	maker map[string]int // of a value
}

func (r *recognizer) add(n weights.Node) {
	for _, o := range n.Outputs {
		r.maker[o] = len(r.nodes)
	}
	r.nodes = append(r.nodes, n)
}

// last says whether n may be the last part of an activation: a product or a quotient.
func last(n weights.Node) bool {
	return (n.Op == weights.OpMul || n.Op == weights.OpDiv) && len(n.Inputs) == 2
}

// maxParts bounds the nodes of one activation.
const maxParts = 12

// activation returns the activation that n is of value x, and the factor; nil if it is
// none.
func (r *recognizer) activation(n *weights.Node) (*pattern, string, float64) {
	if !last(*n) {
		return nil, "", 0
	}
	seen := map[string]bool{}
	for next := n.Inputs; len(next) > 0 && len(seen) < maxParts; {
		x := next[0]
		next = next[1:]
		if seen[x] {
			continue
		}
		seen[x] = true
		budget := maxParts
		if y := r.values(n, x, &budget); y != nil {
			if p, factor := match(y); p != nil {
				return p, x, factor
			}
		}
		if at, ok := r.maker[x]; ok && r.scalar(&r.nodes[at]) {
			next = append(next[:len(next):len(next)], r.nodes[at].Inputs...)
		}
	}
	return nil, "", 0
}

// scalar says whether n computes each element from the elements at its place.
func (r *recognizer) scalar(n *weights.Node) bool {
	return arithmetic[n.Op] != nil && len(n.Inputs) == 2 || r.function(n) != nil
}

// values is what n computes where value x is each of points; nil if it reads anything
// else, or takes more nodes than the budget has.
func (r *recognizer) values(n *weights.Node, x string, budget *int) []float64 {
	if *budget--; *budget < 0 {
		return nil
	}
	var in [2][]float64
	for i, v := range n.Inputs {
		if i > 1 {
			return nil
		}
		at, ok := r.maker[v]
		switch {
		case v == x:
			in[i] = points
		case !ok:
			return nil
		default:
			in[i] = r.values(&r.nodes[at], x, budget)
		}
		if in[i] == nil {
			return nil
		}
	}
	y := make([]float64, len(points))
	if f := arithmetic[n.Op]; f != nil && len(n.Inputs) == 2 {
		for i := range y {
			y[i] = f(in[0][i], in[1][i])
		}
		return y
	}
	f := r.function(n)
	if f == nil {
		return nil
	}
	for i := range y {
		y[i] = f(in[0][i])
	}
	return y
}

var arithmetic = map[string]func(a, b float64) float64{
	weights.OpMul: func(a, b float64) float64 { return a * b },
	weights.OpAdd: func(a, b float64) float64 { return a + b },
	weights.OpSub: func(a, b float64) float64 { return a - b },
	weights.OpDiv: func(a, b float64) float64 { return a / b },
	weights.OpMin: math.Min,
	weights.OpMax: math.Max,
}

// function is what n does to each element of its one input; nil if that is not the same
// for all.
func (r *recognizer) function(n *weights.Node) func(v float64) float64 {
	if len(n.Inputs) != 1 || len(n.Outputs) != 1 {
		return nil
	}
	if n.Op != weights.OpAffine {
		return element.Of(n, r.im.numbersOf(n))
	}
	a, ok := r.im.isAffine(n)
	if !ok {
		return nil
	}
	for i := range a.scale {
		if a.scale[i] != a.scale[0] || a.shift[i] != a.shift[0] {
			return nil
		}
	}
	return func(v float64) float64 { return a.scale[0]*v + a.shift[0] }
}
