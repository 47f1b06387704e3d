package engine

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/op"
	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
)

// grower makes random graphs out of every operator: odd sizes, groups, strides,
// uneven padding, values that several nodes read, several outputs.
type grower struct {
	rng    *rand.Rand
	m      *weights.Model
	values []string
	shapes map[string][]int
	read   map[string]bool
}

func (g *grower) tensor(scale float64, shape ...int) string {
	t := weights.Tensor{Name: fmt.Sprintf("t%03d", len(g.m.Tensors)), Shape: shape, Data: make([]float32, shape2(shape))}
	for i := range t.Data {
		t.Data[i] = float32(g.rng.NormFloat64() * scale)
	}
	g.m.Tensors = append(g.m.Tensors, t)
	return t.Name
}

// node adds a node; shapes are its outputs'.
func (g *grower) node(op string, in []string, attrs map[string][]int, tensors map[string]string, shapes ...[]int) {
	n := weights.Node{Name: fmt.Sprintf("n%d", len(g.m.Graph.Nodes)), Op: op, Inputs: in, Attrs: attrs, Tensors: tensors}
	for i, s := range shapes {
		v := fmt.Sprintf("%s.%d", n.Name, i)
		n.Outputs = append(n.Outputs, v)
		g.values = append(g.values, v)
		g.shapes[v] = s
	}
	for _, v := range in {
		g.read[v] = true
	}
	g.m.Graph.Nodes = append(g.m.Graph.Nodes, n)
}

// pick returns a value of the given rank, a late one more often.
func (g *grower) pick(rank int) (string, []int) {
	var of []string
	for _, v := range g.values {
		if len(g.shapes[v]) == rank {
			of = append(of, v)
		}
	}
	if len(of) == 0 {
		return "", nil
	}
	i := max(g.rng.IntN(len(of)), g.rng.IntN(len(of)))
	return of[i], g.shapes[of[i]]
}

func (g *grower) divisor(n int) int {
	for {
		if d := 1 + g.rng.IntN(n); n%d == 0 {
			return d
		}
	}
}

func (g *grower) grow() {
	r := g.rng
	x, s := g.pick(3)
	if r.IntN(8) == 0 {
		if v, sv := g.pick(1); v != "" {
			g.growVector(v, sv)
			return
		}
	}
	c, h, w := s[0], s[1], s[2]
	switch r.IntN(23) {
	case 0, 1, 2: // a convolution of any kind
		groups := 1
		if r.IntN(2) == 0 {
			groups = g.divisor(c)
		}
		out := groups * (1 + r.IntN(1+12/groups))
		k := [2]int{1 + r.IntN(min(5, h)), 1 + r.IntN(min(5, w))}
		if r.IntN(2) == 0 {
			k[0], k[1] = 1, 1
		}
		st := []int{1 + r.IntN(3), 1 + r.IntN(3)}
		if r.IntN(2) == 0 {
			st = []int{1, 1}
		}
		d := []int{1, 1}
		if r.IntN(4) == 0 && 2*(k[0]-1) < h && 2*(k[1]-1) < w {
			d = []int{2, 2}
		}
		p := []int{r.IntN(3), r.IntN(3), r.IntN(3), r.IntN(3)}
		if r.IntN(2) == 0 {
			p = []int{0, 0, 0, 0}
		}
		t := map[string]string{"weight": g.tensor(math.Sqrt(1/float64(c/groups*k[0]*k[1])), out, c/groups, k[0], k[1])}
		if r.IntN(2) == 0 {
			t["bias"] = g.tensor(0.5, out)
		}
		g.node(weights.OpConv, []string{x}, map[string][]int{"kernel": k[:], "stride": st, "dilation": d, "pad": p, "groups": {groups}}, t,
			[]int{out, (h+p[0]+p[2]-d[0]*(k[0]-1)-1)/st[0] + 1, (w+p[1]+p[3]-d[1]*(k[1]-1)-1)/st[1] + 1})
	case 3: // the depthwise fast paths
		k, st := 3+2*r.IntN(2), 1+r.IntN(2)
		mult := 1 + r.IntN(2)
		g.node(weights.OpConv, []string{x},
			map[string][]int{"kernel": {k, k}, "stride": {st, st}, "pad": {k / 2, k / 2, k / 2, k / 2}, "groups": {c}},
			map[string]string{"weight": g.tensor(1/float64(k), c*mult, 1, k, k), "bias": g.tensor(0.5, c*mult)},
			[]int{c * mult, (h-1)/st + 1, (w-1)/st + 1})
	case 4:
		g.node(weights.OpAffine, []string{x}, nil, map[string]string{"scale": g.tensor(1, c), "shift": g.tensor(1, c)}, s)
	case 5, 6:
		g.node(weights.OpReLU, []string{x}, nil, nil, s)
	case 7:
		g.node(weights.OpReLU6, []string{x}, nil, nil, s)
	case 8, 9: // add, to a value of the same shape
		var same []string
		for _, v := range g.values {
			if slices.Equal(g.shapes[v], s) {
				same = append(same, v)
			}
		}
		g.node(weights.OpAdd, []string{x, same[r.IntN(len(same))]}, nil, nil, s)
	case 10: // concat of what fits
		in, n := []string{x}, c
		for _, v := range g.values {
			if t := g.shapes[v]; len(t) == 3 && t[1] == h && t[2] == w && n+t[0] < 80 && r.IntN(2) == 0 {
				in, n = append(in, v), n+t[0]
			}
		}
		g.node(weights.OpConcat, in, nil, nil, []int{n, h, w})
	case 11:
		if c == 1 {
			return
		}
		k := 1 + r.IntN(c-1)
		g.node(weights.OpSplit, []string{x}, map[string][]int{"sizes": {k, c - k}}, nil, []int{k, h, w}, []int{c - k, h, w})
	case 12:
		lo := r.IntN(c)
		hi, step := lo+1+r.IntN(c-lo), 1+r.IntN(3)
		step = min(step, c)
		g.node(weights.OpSlice, []string{x}, map[string][]int{"range": {lo, hi, step}}, nil, []int{(hi - lo + step - 1) / step, h, w})
	case 13:
		g.node(weights.OpShuffle, []string{x}, map[string][]int{"perm": r.Perm(c)}, nil, s)
	case 14: // pools
		k := []int{1 + r.IntN(min(3, h)), 1 + r.IntN(min(3, w))}
		st := []int{1 + r.IntN(2), 1 + r.IntN(2)}
		p := []int{r.IntN(k[0]), r.IntN(k[1]), r.IntN(k[0]), r.IntN(k[1])}
		op := weights.OpMaxPool
		attrs := map[string][]int{"kernel": k, "stride": st, "pad": p}
		if r.IntN(2) == 0 {
			op, attrs["countpad"] = weights.OpAvgPool, []int{r.IntN(2)}
		}
		g.node(op, []string{x}, attrs, nil, []int{c, (h+p[0]+p[2]-k[0])/st[0] + 1, (w+p[1]+p[3]-k[1])/st[1] + 1})
	case 15:
		if r.IntN(2) == 0 {
			g.node([]string{weights.OpGlobalAvgPool, weights.OpGlobalSum}[g.rng.IntN(2)], []string{x}, nil, nil, []int{c, 1, 1})
		} else if c*h*w < 3000 {
			g.node(weights.OpFlatten, []string{x}, nil, nil, []int{c * h * w})
		}
	case 16:
		g.growDynamic(x, s)
	case 22:
		g.growMatrix(x, s)
	case 20, 21:
		g.growMoved(x, s)
	case 17, 18:
		g.growActivation(x, s)
	case 19:
		g.growArithmetic(x, s)
	}
}

func (g *grower) growVector(x string, s []int) {
	switch g.rng.IntN(8) {
	case 0, 1:
		n := 1 + g.rng.IntN(30)
		g.node(weights.OpLinear, []string{x}, nil, map[string]string{"weight": g.tensor(math.Sqrt(1/float64(s[0])), n, s[0]), "bias": g.tensor(1, n)}, []int{n})
	case 2:
		g.node(weights.OpSoftmax, []string{x}, nil, nil, s)
	case 3:
		g.node(weights.OpReLU, []string{x}, nil, nil, s)
	case 4:
		g.node(weights.OpShuffle, []string{x}, map[string][]int{"perm": g.rng.Perm(s[0])}, nil, s)
	case 5:
		g.node(weights.OpLogSoftmax, []string{x}, nil, nil, s)
	case 6:
		g.growActivation(x, s)
	case 7:
		g.growArithmetic(x, s)
	}
}

func (g *grower) growDynamic(x string, s []int) {
	c, r := s[0], g.rng
	groups := g.divisor(c)
	n := c / groups
	a := g.divisor(n)
	b := n / a
	if a > 9 || b > 9 { // the oracle's assignment is exponential
		return
	}
	pairs := 1
	if r.IntN(2) == 0 {
		pairs = groups
	}
	h, l := 1+r.IntN(9), pairs*(a*a+b*b)
	attrs := map[string][]int{"groups": {groups}, "factors": {a, b}, "pairs": {pairs}}
	t := map[string]string{"w1": g.tensor(1, h, c), "b1": g.tensor(1, h), "w2": g.tensor(1, l, h), "b2": g.tensor(1, l)}
	op := weights.OpStaticDynamicShuffle
	switch r.IntN(3) {
	case 0:
		op = weights.OpDynamicShuffle
	case 1:
		attrs["form"] = []int{0}
		t["weight"], t["gate"], t["shift"] = g.tensor(math.Sqrt(1/float64(n)), c, n), g.tensor(1, c), g.tensor(1, c)
	case 2:
		attrs["form"] = []int{1}
		t["wa"], t["wb"] = g.tensor(0.5, pairs, a, a), g.tensor(0.5, pairs, b, b)
		t["scale"], t["shift"] = g.tensor(0.5, c), g.tensor(1, c)
	}
	g.node(op, []string{x}, attrs, t, s)
}

// growMatrix adds a product of matrices, or a softmax of rows.
func (g *grower) growMatrix(x string, s []int) {
	c, pixels := s[0], s[1]*s[2]
	if op := []string{weights.OpSoftmax, weights.OpLogSoftmax, ""}[g.rng.IntN(3)]; op != "" {
		g.node(op, []string{x}, nil, nil, s)
		return
	}
	groups := g.divisor(c)
	if pixels*pixels*c > 1<<20 {
		return
	}
	switch attrs := map[string][]int{"groups": {groups}}; g.rng.IntN(3) {
	case 0: // rows times rows of the same value, as scores of attention
		attrs["columnsb"] = []int{1}
		g.node(weights.OpMatMul, []string{x, x}, attrs, nil, []int{c, 1, c / groups})
	case 1: // pixels times pixels
		attrs["columnsa"] = []int{1}
		g.node(weights.OpMatMul, []string{x, x}, attrs, nil, []int{groups * pixels, s[1], s[2]})
	case 2: // (x x') x: the second operand in its own order, the first a result
		scores := map[string][]int{"groups": {groups}, "columnsb": {1}}
		g.node(weights.OpMatMul, []string{x, x}, scores, nil, []int{c, 1, c / groups})
		g.node(weights.OpMatMul, []string{g.values[len(g.values)-1], x}, attrs, nil, s)
	}
}

func growGraph(seed uint64) *weights.Model {
	g := &grower{rng: rand.New(rand.NewPCG(seed, 99)), m: &weights.Model{}, shapes: map[string][]int{}, read: map[string]bool{}}
	r := g.rng
	s := []int{1 + r.IntN(14), 1 + r.IntN(18), 1 + r.IntN(18)}
	g.m.Graph.Inputs = []weights.Value{{Name: "x", Shape: s}}
	g.values, g.shapes["x"] = []string{"x"}, s
	for n := 3 + r.IntN(14); len(g.m.Graph.Nodes) < n; {
		g.grow()
	}
	for _, v := range g.values { // what nobody read, and some that somebody did
		if !g.read[v] || r.IntN(6) == 0 {
			g.m.Graph.Outputs = append(g.m.Graph.Outputs, v)
		}
	}
	g.m.Sort()
	return g.m
}

// Random graphs against the textbook, every instruction set, one thread and
// several, same bits for both.
func TestRandomGraphs(t *testing.T) {
	graphs := 3000
	if testing.Short() {
		graphs = 40
	}
	used := map[string]int{}
	for seed := range uint64(graphs) {
		m := growGraph(seed)
		for i := range m.Graph.Nodes {
			used[m.Graph.Nodes[i].Op]++
		}
		in := randomInput(shape2(m.Graph.Inputs[0].Shape), seed)
		for _, isa := range Sets() {
			one := mustNew(t, m, WithISA(isa), WithThreads(1))
			s, err := one.NewSession()
			if err != nil {
				t.Fatal(err)
			}
			got := make([]float32, one.plan.OutLen)
			for i := range s.run.Memory.Arena { // what lies there must not matter
				s.run.Memory.Arena[i] = float32(math.NaN())
			}
			if err := s.Run(context.Background(), got, in); err != nil {
				t.Fatal(err)
			}
			inject := oracle.Permutations{}
			for _, p := range s.Permutations() {
				inject[p.Node] = [2][]int{ints(p.Sigma), ints(p.Tau)}
			}
			vals := oracle.Run(m, in, inject)
			at := 0
			for _, name := range m.Graph.Outputs {
				want := vals[name].Data
				// A sum may cancel; a bug is far above. The tail of a GELU is as exact as its argument.
				if e := relError(got[at:at+len(want)], want); e > 5e-4 && e*largest(want) > 1e-6*largest(argument(m, vals, name)) {
					t.Errorf("seed %d, %s, output %s: relative error %.3g\n%s", seed, isa, name, e, graphText(m))
				}
				at += len(want)
			}
			many := mustNew(t, m, WithISA(isa), WithThreads(3))
			if other := runAll(t, many, in); !slices.Equal(other, got) {
				t.Errorf("seed %d, %s: three threads give other bits than one\n%s", seed, isa, graphText(m))
			}
			one.Close()
			many.Close()
		}
		if t.Failed() {
			return
		}
	}
	for _, k := range op.Kinds {
		if used[k.Name] == 0 && !testing.Short() && !quantized(k.Name) {
			t.Errorf("operator %s was never used", k.Name)
		}
	}
}

// argument is the input of the GELU that makes a value; nil where none does.
func argument(m *weights.Model, vals map[string]*oracle.Tensor, name string) []float64 {
	for _, n := range m.Graph.Nodes {
		if n.Op == weights.OpGELU && n.Outputs[0] == name {
			return vals[n.Inputs[0]].Data
		}
	}
	return nil
}

func largest(v []float64) (most float64) {
	for _, x := range v {
		most = max(most, math.Abs(x))
	}
	return most
}

func graphText(m *weights.Model) string {
	s := fmt.Sprintf("input %v, outputs %v\n", m.Graph.Inputs[0].Shape, m.Graph.Outputs)
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		s += fmt.Sprintf("%s %s %v -> %v %v\n", n.Name, n.Op, n.Inputs, n.Outputs, n.Attrs)
	}
	return s
}
