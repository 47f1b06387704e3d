package engine

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine/internal/assign"
	"github.com/riffle-ml/riffle/engine/internal/op"
	"github.com/riffle-ml/riffle/internal/golden"
	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

func readGolden(t *testing.T, path string) (map[string]*golden.Array, map[string]string) {
	t.Helper()
	arrays, meta, err := golden.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return arrays, meta
}

func glob(t *testing.T, pattern string, least int) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) < least {
		t.Fatalf("%s: got %d files (%v), want %d or more", pattern, len(paths), err, least)
	}
	return paths
}

// Whole networks as PyTorch exported them, against PyTorch's logits in float64.
func TestGoldenNets(t *testing.T) {
	for _, path := range glob(t, "../testdata/nets/*.onnx", 20) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			m, err := onnx.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(filepath.Base(path), ".")
			arrays, _ := readGolden(t, filepath.Join(filepath.Dir(path), name+".safetensors"))
			forEachSet(t, func(t *testing.T, isa string) {
				got := runAll(t, mustNew(t, m, WithISA(isa), WithThreads(2)), arrays["x"].Float32())
				if e := relError(got, arrays["y"].Data); e > 1e-5 {
					t.Errorf("relative error %.3g, want at most 1e-5", e)
				}
			})
		})
	}
}

// opCase is one operator as a model: its inputs, where there are several, are
// the parts of one input.
type opCase struct {
	m      *weights.Model
	batch  int
	x, y   []float64
	length int // of the longest chain of additions behind one output
}

func newOpCase(t *testing.T, arrays map[string]*golden.Array, meta map[string]string) *opCase {
	t.Helper()
	n := weights.Node{Name: "op", Op: meta["op"], Inputs: []string{"x"}, Outputs: []string{"y"}}
	if err := json.Unmarshal([]byte(meta["attrs"]), &n.Attrs); err != nil {
		t.Fatal(err)
	}
	m := &weights.Model{Graph: weights.Graph{Outputs: []string{"y"}}}
	c := &opCase{m: m}
	parts := func(letter string) (names []string, arrs []*golden.Array) {
		if a := arrays[letter]; a != nil {
			return []string{letter}, []*golden.Array{a}
		}
		for i := 0; arrays[fmt.Sprint(letter, i)] != nil; i++ {
			names = append(names, fmt.Sprint(letter, i))
			arrs = append(arrs, arrays[fmt.Sprint(letter, i)])
		}
		return names, arrs
	}
	// rows joins the samples of several arrays.
	rows := func(arrs []*golden.Array) (out []float64) {
		c.batch = arrs[0].Shape[0]
		for b := range c.batch {
			for _, a := range arrs {
				per := len(a.Data) / c.batch
				out = append(out, a.Data[b*per:][:per]...)
			}
		}
		return out
	}
	names, xs := parts("x")
	shape := slices.Clone(xs[0].Shape[1:])
	if len(xs) > 1 {
		var sizes []int
		for _, a := range xs {
			sizes = append(sizes, a.Shape[1])
		}
		shape[0] = 0
		for _, s := range sizes {
			shape[0] += s
		}
		m.Graph.Nodes = append(m.Graph.Nodes, weights.Node{
			Name: "parts", Op: weights.OpSplit, Inputs: []string{"x"}, Outputs: names, Attrs: map[string][]int{"sizes": sizes}})
		n.Inputs = names
	}
	c.x = rows(xs)
	outs, ys := parts("y")
	n.Outputs, m.Graph.Outputs = outs, outs
	c.y = rows(ys)
	for name, a := range arrays {
		if _, x := slices.BinarySearch(names, name); x || slices.Contains(outs, name) || name == "sigma" || name == "tau" {
			continue
		}
		if n.Tensors == nil {
			n.Tensors = map[string]string{}
		}
		n.Tensors[name] = name
		m.Tensors = append(m.Tensors, weights.Tensor{Name: name, Shape: a.Shape, Data: a.Float32()})
	}
	m.Graph.Inputs = []weights.Value{{Name: "x", Shape: shape}}
	m.Graph.Nodes = append(m.Graph.Nodes, n)
	slices.SortFunc(m.Tensors, func(a, b weights.Tensor) int { return strings.Compare(a.Name, b.Name) })

	product := func(s []int) int {
		p := 1
		for _, v := range s {
			p *= v
		}
		return p
	}
	switch n.Op {
	case weights.OpConv, weights.OpLinear:
		c.length = product(arrays["weight"].Shape[1:]) + 1
	case weights.OpAvgPool:
		c.length = product(n.Attrs["kernel"]) + 2 // the division, or a reciprocal and a product
	case weights.OpGlobalAvgPool, weights.OpGlobalSum:
		c.length = product(shape[1:]) + 2
	case weights.OpMatMul:
		if c.length = product(shape[1:]); n.Attr("columnsa", 0)[0] == 1 {
			c.length = xs[0].Shape[1] / n.Attr("groups", 1)[0]
		}
	case weights.OpAffine, weights.OpAdd, weights.OpMul, weights.OpSub, weights.OpDiv:
		c.length = 2
	case weights.OpSigmoid, weights.OpSiLU, weights.OpHardSwish, weights.OpHardSigmoid, weights.OpMish, weights.OpTanh,
		weights.OpGELU, weights.OpLeakyReLU, weights.OpPReLU, weights.OpELU, weights.OpErf, weights.OpSoftplus:
		c.length = 8 // package kernel's own tests are stricter
	case weights.OpStaticDynamicShuffle:
		if n.Attrs["form"][0] == 0 {
			c.length = arrays["weight"].Shape[1] + 3
		} else {
			// W + P is one rounding a factor; two contractions; scale and shift.
			c.length = n.Attrs["factors"][0] + n.Attrs["factors"][1] + 4
		}
	}
	return c
}

// bound is the error that float32 may make: a sum of length products, however
// it is ordered and whether or not products are fused, is off by at most
// gamma = length*u/(1 - length*u) times the sum of the magnitudes, which the same operator
// gives for the magnitudes of weights and input. Operators that move data are
// exact. Another u*|y| is for the comparison itself.
func (c *opCase) bound(inject oracle.Permutations, sample int) []float64 {
	const u = 1.0 / (1 << 24)
	per := len(c.x) / c.batch
	x := make([]float32, per)
	for i, v := range c.x[sample*per:][:per] {
		x[i] = float32(math.Abs(v))
	}
	a := *c.m
	a.Tensors = slices.Clone(a.Tensors)
	for i := range a.Tensors {
		a.Tensors[i].Data = slices.Clone(a.Tensors[i].Data)
		for k, v := range a.Tensors[i].Data {
			a.Tensors[i].Data[k] = float32(math.Abs(float64(v)))
		}
	}
	a.Graph.Nodes = slices.Clone(a.Graph.Nodes)
	if n := &a.Graph.Nodes[len(a.Graph.Nodes)-1]; n.Op == weights.OpSub {
		n.Op = weights.OpAdd
	}
	switch a.Graph.Nodes[len(a.Graph.Nodes)-1].Op {
	case weights.OpLayerNorm, weights.OpGroupNorm: // sums of at most 432 terms, two of them
		out := c.y[sample*len(c.y)/c.batch:][:len(c.y)/c.batch]
		bound := make([]float64, len(out))
		for i, v := range out {
			bound[i] = 60 * u * (math.Abs(v) + 3)
		}
		return bound
	case weights.OpResize: // shares are rounded once, and three times a difference is taken
		if a.Graph.Nodes[len(a.Graph.Nodes)-1].Attr("mode", 0)[0] == 1 {
			most := slices.Max(x)
			return slices.Repeat([]float64{12 * u * float64(most)}, len(c.y)/c.batch)
		}
		return make([]float64, len(c.y)/c.batch)
	case weights.OpExp, weights.OpSqrt, weights.OpAbs, weights.OpReciprocal: // one rounding of the result
		return roundings(c.y[sample*len(c.y)/c.batch:][:len(c.y)/c.batch])
	}
	gamma := float64(c.length) * u / (1 - float64(c.length)*u)
	out := oracle.Output(&a, x, inject)
	for i, v := range out {
		out[i] = gamma*v + float64(min(c.length, 1))*u*v
	}
	return out
}

// softmaxBound: exp of x - max, whose argument is rounded once (u*|x-max|, as a
// relative error of the result), exp itself within 4 ulp, a sum of n, a division.
func softmaxBound(x, y []float64) []float64 {
	const u = 1.0 / (1 << 24)
	top := slices.Max(x)
	spread := 0.0
	for _, v := range x {
		spread = max(spread, top-v)
	}
	out := make([]float64, len(y))
	for i := range y {
		out[i] = y[i]*u*(2*spread+2*8+float64(len(y))+2) + math.SmallestNonzeroFloat32
	}
	return out
}

// roundings: all is computed in float64 and rounded once; what is larger than every
// float32 becomes an infinity.
func roundings(y []float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		if out[i] = math.Abs(v)/(1<<23) + math.SmallestNonzeroFloat32; math.Abs(v) > math.MaxFloat32 {
			out[i] = math.Inf(1)
		}
	}
	return out
}

// Every operator by itself against PyTorch in float64, within a derived bound.
func TestGoldenOps(t *testing.T) {
	seen := map[string]int{}
	for _, path := range glob(t, "../testdata/ops/*.safetensors", 100) {
		arrays, meta := readGolden(t, path)
		if meta["op"] == "assign" {
			continue
		}
		seen[meta["op"]]++
		t.Run(strings.TrimSuffix(filepath.Base(path), ".safetensors"), func(t *testing.T) {
			c := newOpCase(t, arrays, meta)
			x := (&golden.Array{Data: c.x}).Float32()
			in, out := len(c.x)/c.batch, len(c.y)/c.batch
			forEachSet(t, func(t *testing.T, isa string) {
				e := mustNew(t, c.m, WithISA(isa), WithThreads(2))
				for b := range c.batch {
					s, err := e.NewSession()
					if err != nil {
						t.Fatal(err)
					}
					got := make([]float32, out)
					if err := s.Run(t.Context(), got, x[b*in:][:in]); err != nil {
						t.Fatal(err)
					}
					var inject oracle.Permutations
					if sigma := arrays["sigma"]; sigma != nil {
						inject = oracle.Permutations{"op": {sampleOf(sigma, b), sampleOf(arrays["tau"], b)}}
						p := s.Permutations()[0]
						if !slices.Equal(ints(p.Sigma), inject["op"][0]) || !slices.Equal(ints(p.Tau), inject["op"][1]) {
							t.Fatalf("sample %d: got permutations %v %v, want %v", b, p.Sigma, p.Tau, inject["op"])
						}
					}
					want := c.y[b*out:][:out]
					var bound []float64
					if meta["op"] == weights.OpSoftmax {
						bound = softmaxBound(c.x[b*in:][:in], want)
					} else if meta["op"] == weights.OpLogSoftmax {
						bound = roundings(want)
					} else if bound = c.bound(inject, b); len(bound) != len(want) {
						t.Fatalf("got %d values, want %d", len(bound), len(want))
					}
					checkWithin(t, got, want, bound)
				}
			})
		})
	}
	for _, k := range op.Kinds {
		if seen[k.Name] == 0 && !quantized(k.Name) {
			t.Errorf("no golden file for operator %q", k.Name)
		}
	}
}

// quantized operators are defined to the bit, by FORMAT.md, and package quantize's tests hold
// them to that, on networks.
func quantized(name string) bool {
	return strings.HasPrefix(name, "q") || strings.HasSuffix(name, "quantize")
}

func sampleOf(a *golden.Array, b int) []int {
	per := len(a.Data) / a.Shape[0]
	return a.Ints()[b*per:][:per]
}

// checkWithin compares element by element; NaN wants NaN, infinities the same,
// and where no rounding is allowed the sign of zero counts too.
func checkWithin(t *testing.T, got []float32, want, bound []float64) {
	t.Helper()
	for i, w := range want {
		g := float64(got[i])
		ok := math.Abs(g-w) <= bound[i] || g == w
		if math.IsNaN(w) {
			ok = math.IsNaN(g)
		}
		if !ok {
			t.Fatalf("element %d: got %v, want %v within %.3g (off by %.3g)", i, g, w, bound[i], g-w)
		}
	}
}

// The assignment of testdata, exactly.
func TestGoldenAssign(t *testing.T) {
	for _, path := range glob(t, "../testdata/ops/assign-*.safetensors", 10) {
		arrays, _ := readGolden(t, path)
		x, perm := arrays["x"], arrays["perm"]
		n := x.Shape[1]
		for k := range x.Shape[0] {
			got, solver := make([]int32, n), assign.NewSolver(n)
			solver.Solve(got, x.Float32()[k*n*n:][:n*n])
			if want := perm.Ints()[k*n:][:n]; !slices.Equal(ints(got), want) {
				t.Errorf("%s: matrix %d: got %v, want %v", filepath.Base(path), k, got, want)
			}
		}
	}
}
