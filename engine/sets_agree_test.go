package engine

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// A generator's own arithmetic has the same bits on every instruction set: fed with the
// same planes, every set chooses the same permutation. Planes that nothing computes are
// such planes, whatever their values.
func TestGeneratorsAgree(t *testing.T) {
	m := generatorOnly(t)
	for seed := range uint64(200) {
		in := randomInput(m.Graph.Inputs[0].Shape[0]*35, seed)
		switch seed % 5 {
		case 1:
			for i := range in {
				in[i] *= 1e30
			}
		case 2:
			for i := range in {
				in[i] *= 1e-38 // subnormal, many
			}
		case 3:
			in[seed] = float32(math.NaN())
			in[seed+7] = float32(math.Inf(1))
		case 4: // ties everywhere
			for i := range in {
				in[i] = float32(math.Round(float64(in[i])))
			}
		}
		var want []float32
		for _, isa := range Sets() {
			got := runAll(t, mustNew(t, m, WithISA(isa), WithThreads(1)), in)
			if want == nil {
				want = got
			} else if !slices.EqualFunc(got, want, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
				t.Fatalf("input %d: %s chooses another permutation than %s", seed, isa, Sets()[0])
			}
		}
	}
}

// generatorOnly is one dynamic shuffle over the input.
func generatorOnly(t *testing.T) *weights.Model {
	t.Helper()
	const c, hidden, a, b = 24, 11, 4, 3
	scaled := func(name string, shape ...int) weights.Tensor {
		x := filled(name, shape...)
		for i, v := range randomInput(len(x.Data), uint64(len(name)+len(x.Data))) {
			x.Data[i] = v
		}
		return x
	}
	return network([]int{c, 5, 7}, []string{"y"}, []weights.Node{
		node1("y", weights.OpDynamicShuffle, "x", map[string][]int{"groups": {2}, "factors": {a, b}, "pairs": {2}},
			map[string]string{"w1": "w1", "b1": "b1", "w2": "w2", "b2": "b2"}),
	}, scaled("w1", hidden, c), scaled("b1", hidden), scaled("w2", 2*(a*a+b*b), hidden), scaled("b2", 2*(a*a+b*b)))
}

// In a whole network the planes that a generator reads come from sums which instruction
// sets round differently: with one rounding a multiply-add or with two. Their means may
// then differ in the last bits, and a choice that hangs on these may differ too. FORMAT.md
// allows that; here such choices are counted. They are few.
func TestChoicesBetweenSets(t *testing.T) {
	if len(Sets()) < 2 {
		t.Skip("one instruction set")
	}
	pictures := 60
	if testing.Short() {
		pictures = 1 // an emulated processor takes seconds for each
	}
	for _, name := range zoo.Names() {
		w, err := zoo.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		var sessions []*Session
		for _, isa := range Sets() {
			s, err := mustNew(t, w, WithISA(isa), WithThreads(2)).NewSession()
			if err != nil {
				t.Fatal(err)
			}
			sessions = append(sessions, s)
		}
		p := sessions[0].model.plan
		choices, differ, classes := 0, 0, 0
		for i := range pictures {
			in := blurred(p.InLen, uint64(i))
			first := make([]float32, p.OutLen)
			if err := sessions[0].Run(context.Background(), first, in); err != nil {
				t.Fatal(err)
			}
			want := sessions[0].Permutations()
			for _, s := range sessions[1:] {
				out := make([]float32, p.OutLen)
				if err := s.Run(context.Background(), out, in); err != nil {
					t.Fatal(err)
				}
				for k, got := range s.Permutations() {
					choices++
					if got.Differ(&want[k]) != 0 {
						differ++
					}
				}
				if argmax(out) != argmax(first) {
					classes++
				}
			}
		}
		t.Logf("%s: %d of %d choices differ, %d of %d classes", name, differ, choices, classes, pictures)
		if most := choices / 100; differ > most || classes > pictures/100 {
			t.Errorf("%s: %d of %d choices and %d of %d classes differ between instruction sets, want at most %d and %d",
				name, differ, choices, classes, pictures, most, pictures/100)
		}
	}
}

// blurred is noise that has some of a picture's smoothness, in the range of a
// normalised one.
func blurred(n int, seed uint64) []float32 {
	x := randomInput(n, seed)
	for range 2 {
		for i := 33; i < n; i++ {
			x[i] = 0.5*x[i-1] + 0.4*x[i-32] + 0.4*x[i]
		}
	}
	return x
}

func argmax(x []float32) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
