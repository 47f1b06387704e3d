package engine

import (
	"fmt"
	"math"
	"strings"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// A shape is [C H W] for planes or [N] for a vector, without the batch.
type shape []int

func (s shape) String() string { return strings.ReplaceAll(fmt.Sprint([]int(s)), " ", "x") }

func (s shape) elems() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// planes returns the number of channels and the pixels in each; a vector of N
// is N planes of one pixel.
func (s shape) planes() (c, n int) {
	if len(s) == 1 {
		return s[0], 1
	}
	return s[0], s[1] * s[2]
}

func (s shape) equal(t shape) bool {
	if len(s) != len(t) {
		return false
	}
	for i := range s {
		if s[i] != t[i] {
			return false
		}
	}
	return true
}

// value is one tensor of the graph: written once, by node prod (-1: an input).
type value struct {
	name string
	shape
	prod int
}

// node is a checked weights.Node: attributes parsed, shapes known, and what
// fusion attached to it.
type node struct {
	name string
	op   string
	in   []int // value ids
	out  []int

	window  // conv and pools
	groups  int
	weight  *weights.Tensor
	bias    *weights.Tensor
	scale   *weights.Tensor // affine; sds
	shift   *weights.Tensor
	perm    []int // shuffle
	sizes   []int // split
	slice   [3]int
	ceil    bool
	count   bool // countpad
	dynamic *dynamicSpec

	// Fused into the node's epilogue.
	act act
	res int // value id of the residual, or -1
}

// window is the geometry of a convolution or pool.
type window struct {
	kh, kw, sh, sw, dh, dw int
	pt, pl, pb, pr         int
}

func (w window) outH(h int) int { return (h+w.pt+w.pb-w.dh*(w.kh-1)-1)/w.sh + 1 }
func (w window) outW(x int) int { return (x+w.pl+w.pr-w.dw*(w.kw-1)-1)/w.sw + 1 }

// act is a clamp of an output: [lo, hi].
type act struct{ lo, hi float32 }

var (
	noAct    = act{float32(math.Inf(-1)), float32(math.Inf(1))}
	actReLU  = act{0, float32(math.Inf(1))}
	actReLU6 = act{0, 6}
)

// then is the clamp that applies a first, then b.
func (a act) then(b act) act {
	return act{min(max(a.lo, b.lo), b.hi), min(max(a.hi, b.lo), b.hi)}
}

func (a act) epilogue() kernel.Epilogue {
	return kernel.Epilogue{Act: kernel.Clamped(a.lo, a.hi)}
}

// graph is the checked network. Nodes stay in topological order; passes mark
// nodes dead (op == "") rather than move them.
type graph struct {
	values []value
	nodes  []node
	input  int
	output []int
}

// users returns, for every value, the nodes that read it (fused residuals included); an output of
// the graph counts as the reader len(nodes).
func (g *graph) users() [][]int {
	u := make([][]int, len(g.values))
	for i := range g.nodes {
		n := &g.nodes[i]
		if n.op == "" {
			continue
		}
		for _, v := range n.in {
			u[v] = append(u[v], i)
		}
		if n.res >= 0 {
			u[n.res] = append(u[n.res], i)
		}
	}
	for _, v := range g.output {
		u[v] = append(u[v], len(g.nodes))
	}
	return u
}

// maxPlanes bounds the channels of all values together, since a plan's tables
// take some bytes for each: a few hundred MiB at worst, from a file of any size.
const maxPlanes = 1 << 23

// buildGraph checks what m means: every operator known, every attribute and
// tensor there and of the right size, every shape chained to the next. maxElems
// bounds the elements of one value. m's structure has been checked.
func buildGraph(m *weights.Model, maxElems int) (*graph, error) {
	g := &graph{}
	ids := map[string]int{}
	planes := 0
	add := func(name string, s shape, prod int) int {
		planes += s[0]
		ids[name] = len(g.values)
		g.values = append(g.values, value{name, s, prod})
		return len(g.values) - 1
	}
	if n := len(m.Graph.Inputs); n != 1 {
		return nil, &ModelError{Node: "graph", Msg: fmt.Sprintf("got %d inputs, want 1", n)}
	}
	in := m.Graph.Inputs[0]
	if err := checkShape(in.Shape, maxElems); err != nil {
		return nil, &ModelError{Node: "input " + in.Name, Msg: err.Error(), Err: err}
	}
	g.input = add(in.Name, in.Shape, -1)
	for i := range m.Graph.Nodes {
		wn := &m.Graph.Nodes[i]
		n := node{name: wn.Name, op: wn.Op, act: noAct, res: -1}
		fail := func(err error) error { return &ModelError{Node: wn.Name, Op: wn.Op, Msg: err.Error(), Err: err} }
		var shapes []shape
		for _, name := range wn.Inputs {
			id, ok := ids[name]
			if !ok {
				return nil, fail(fmt.Errorf("input %q: no such value", name))
			}
			n.in = append(n.in, id)
			shapes = append(shapes, g.values[id].shape)
		}
		spec, ok := operators[wn.Op]
		if !ok {
			return nil, fail(fmt.Errorf("unknown operator; known are %s", knownOperators()))
		}
		if spec.inputs > 0 && len(n.in) != spec.inputs || len(n.in) < 1 {
			return nil, fail(fmt.Errorf("got %d inputs, want %d", len(n.in), max(1, spec.inputs)))
		}
		a := &attrs{m: m, n: wn}
		outs := spec.check(a, &n, shapes)
		if err := a.finish(); err != nil {
			return nil, fail(err)
		}
		if len(outs) != len(wn.Outputs) {
			return nil, fail(fmt.Errorf("got %d outputs, want %d", len(wn.Outputs), len(outs)))
		}
		for k, s := range outs {
			if err := checkShape(s, maxElems); err != nil {
				return nil, fail(fmt.Errorf("output %q: %w", wn.Outputs[k], err))
			}
			n.out = append(n.out, add(wn.Outputs[k], s, i))
		}
		if planes > maxPlanes {
			return nil, fail(fmt.Errorf("channels: got more than %d in all values together, want fewer: %w", maxPlanes, ErrLimit))
		}
		g.nodes = append(g.nodes, n)
	}
	for _, name := range m.Graph.Outputs {
		id, ok := ids[name]
		if !ok {
			return nil, &ModelError{Node: "output " + name, Msg: "no such value"}
		}
		g.output = append(g.output, id)
	}
	return g, nil
}

func checkShape(s []int, maxElems int) error {
	if len(s) != 1 && len(s) != 3 {
		return fmt.Errorf("got shape %v, want [C H W] or [N]", s)
	}
	n := 1
	for _, d := range s {
		if d < 1 {
			return fmt.Errorf("got shape %v, want every dimension at least 1", s)
		}
		if d > maxElems/n {
			return fmt.Errorf("got shape %v, want at most %d elements: %w", s, maxElems, ErrLimit)
		}
		n *= d
	}
	return nil
}
