package engine

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights"
)

// TestHalfArithmetic: where a set has float16 arithmetic its convolutions of enough
// output channels use it, and nothing does without the option; the outputs are close to
// those of float32 and not the same, and have the same bits on any number of threads.
// Any other set is refused.
func TestHalfArithmetic(t *testing.T) {
	for _, name := range []string{"shufflenetv2:0.5x@64", "shufflenetv1:0.5x@64,g=2", "mobilenetv2:0.35x@64"} {
		m := build(t, name)
		forEachSet(t, func(t *testing.T, isa string) {
			set, err := kernel.Select(isa)
			if err != nil {
				t.Fatal(err)
			}
			if err := set.HalfArithmetic(); err != nil {
				if _, got := New(m, WithISA(isa), WithHalfArithmetic()); !errors.Is(got, ErrOption) || !strings.Contains(got.Error(), err.Error()) {
					t.Errorf("got %v, want an ErrOption that says %q", got, err)
				}
				return
			}
			plain := mustNew(t, m, WithISA(isa), WithThreads(1))
			x := make([]float32, plain.plan.InLen)
			rng := rand.New(rand.NewPCG(1, 2))
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			exact := runAll(t, plain, x)
			var first []float32
			most := 3
			if testing.Short() && isa == "generic" { // which emulates float16, slowly
				most = 1
			}
			for threads := 1; threads <= most; threads++ {
				half := mustNew(t, m, WithISA(isa), WithThreads(threads), WithHalfArithmetic())
				got := runAll(t, half, x)
				if first == nil {
					first = got
				}
				if !sameBits(got, first) {
					t.Errorf("%s, %d threads: other bits than with one", name, threads)
				}
				products, rest := count(half, "halfgemm"), count(half, "gemm")
				if products == 0 || products+rest != count(plain, "gemm") || count(plain, "halfgemm") > 0 {
					t.Errorf("%s: %d products in float16 and %d in float32, %d without the option", name, products, rest, count(plain, "gemm"))
				}
			}
			if e := relativeError(first, exact); e == 0 || e > 0.02 {
				t.Errorf("%s: an error of %v of the outputs' root mean square, wanted some, at most 0.02", name, e)
			}
		})
	}
}

// count is how many steps of a kind the plan of e has, alone or as parts of chains.
func count(e *Model, kind string) (n int) {
	for _, s := range e.plan.Steps {
		d := s.Runner.Describe()
		if d.Kind == kind {
			n++
		}
		for _, part := range d.Chain {
			if part.Kind == kind {
				n++
			}
		}
	}
	return n
}

// relativeError is the largest difference over the root mean square of want.
func relativeError(got, want []float32) float64 {
	most, squares := 0.0, 0.0
	for i, w := range want {
		most = max(most, math.Abs(float64(got[i])-float64(w)))
		squares += float64(w) * float64(w)
	}
	return most / math.Sqrt(squares/float64(len(want)))
}

// TestHalfArithmeticShapes: a convolution of any kind, with a residual or without, has the
// error that float16 has; one of few output channels has none.
func TestHalfArithmeticShapes(t *testing.T) {
	for _, c := range []struct {
		out, in, kernel, stride, groups, size int
		half                                  bool
	}{
		{16, 24, 1, 1, 1, 7, true},
		{15, 24, 1, 1, 1, 7, false},
		{37, 3, 3, 2, 1, 13, true},
		{48, 20, 3, 1, 2, 9, true},
		{64, 40, 1, 2, 1, 11, true},
		{32, 300, 5, 1, 1, 4, true},
	} {
		rng := rand.New(rand.NewPCG(5, uint64(c.out)))
		w := make([]float32, c.out*c.in/c.groups*c.kernel*c.kernel)
		for i := range w {
			w[i] = float32(rng.NormFloat64())
		}
		m := &weights.Model{Name: "conv"}
		m.Graph.Inputs = []weights.Value{{Name: "x", Shape: []int{c.in, c.size, c.size}}}
		pad := c.kernel / 2
		m.Graph.Nodes = []weights.Node{{
			Name: "c", Op: weights.OpConv, Inputs: []string{"x"}, Outputs: []string{"y"}, Tensors: map[string]string{"weight": "w"},
			Attrs: map[string][]int{"kernel": {c.kernel, c.kernel}, "stride": {c.stride, c.stride}, "pad": {pad, pad, pad, pad}, "groups": {c.groups}},
		}}
		m.Graph.Outputs = []string{"y"}
		m.Tensors = []weights.Tensor{{Name: "w", Shape: []int{c.out, c.in / c.groups, c.kernel, c.kernel}, Data: w}}
		forEachSet(t, func(t *testing.T, isa string) {
			set, err := kernel.Select(isa)
			if err != nil {
				t.Fatal(err)
			}
			if why := set.HalfArithmetic(); why != nil {
				t.Skip(why)
			}
			plain, half := mustNew(t, m, WithISA(isa)), mustNew(t, m, WithISA(isa), WithHalfArithmetic())
			x := make([]float32, 2*plain.plan.InLen)
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			e := relativeError(runAll(t, half, x), runAll(t, plain, x))
			if c.half != (count(half, "halfgemm") == 1) || c.half != (e > 0) || e > 0.01 {
				t.Errorf("%+v: %d products in float16, an error of %v", c, count(half, "halfgemm"), e)
			}
		})
	}
}
