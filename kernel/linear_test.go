package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// newLinear has every operand flush with a guard page.
func newLinear(t testing.TB, rng *rand.Rand, out, in int) *Linear {
	t.Helper()
	l := &Linear{
		X: guarded(t, in, rng.IntN(2) == 0), W: guarded(t, in*out, rng.IntN(2) == 0),
		Y: guarded(t, out, rng.IntN(2) == 0), In: in, Out: out, Epilogue: Epilogue{Act: activations[rng.IntN(len(activations))]},
	}
	if rng.IntN(4) > 0 {
		l.Bias = guarded(t, out, rng.IntN(2) == 0)
	}
	special := rng.IntN(4) == 0
	for _, v := range [][]float32{l.X, l.W, l.Bias} {
		for i := range v {
			if v[i] = rng.Float32()*2 - 1; special && rng.IntN(40) == 0 {
				v[i] = specials[rng.IntN(8)]
			}
		}
	}
	return l
}

func TestLinear(t *testing.T) {
	forEachSet(t, func(t *testing.T, set *Set) {
		rng := rand.New(rand.NewPCG(5, 6))
		run := func(out, in int) {
			l := newLinear(t, rng, out, in)
			if err := l.Check(); err != nil {
				t.Fatal(err)
			}
			x, w, b := slices.Clone(l.X), slices.Clone(l.W), slices.Clone(l.Bias)
			set.Linear(l)
			for o := range out {
				sum := 0.0
				if b != nil {
					sum = float64(b[o])
				}
				abs := math.Abs(sum)
				for i := range in {
					p := float64(w[o*in+i]) * float64(x[i])
					sum += p
					abs += math.Abs(p)
				}
				want := activate64(sum, l.Act)
				if got := l.Y[o]; !near(got, want, activeBound(sum, sumBound(in+1, abs), l.Act)) {
					t.Fatalf("%dx%d: output %d is %v, wanted %v within %v", out, in, o, got, want, sumBound(in+1, abs))
				}
			}
			for i, v := range [][2][]float32{{x, l.X}, {w, l.W}, {b, l.Bias}} {
				for j := range v[0] {
					if math.Float32bits(v[0][j]) != math.Float32bits(v[1][j]) {
						t.Fatalf("%dx%d: operand %d was written at %d", out, in, i, j)
					}
				}
			}
			// The same bits by slices.
			y := slices.Clone(l.Y)
			o0 := rng.IntN(out)
			o1 := o0 + 1 + rng.IntN(out-o0)
			part := *l
			part.Out, part.W, part.Y = o1-o0, l.W[o0*in:o1*in], make([]float32, o1-o0)
			if b != nil {
				part.Bias = b[o0:o1]
			}
			set.Linear(&part)
			for i, v := range part.Y {
				if want := y[o0+i]; !sameBits(v, want) {
					t.Fatalf("%dx%d: outputs %d to %d alone: output %d is %v, wanted %v", out, in, o0, o1, o0+i, v, want)
				}
			}
		}
		for in := 1; in <= 70; in++ {
			for out := 1; out <= 13; out++ {
				run(out, in)
			}
		}
		run(1000, 1024)
		run(3, 20_000)
		run(300, 3000)
	})
}

func TestLinearCheck(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, c := range []struct {
		want   string
		damage func(l *Linear)
	}{
		{"In is 0, wanted at least 1", func(l *Linear) { l.In = 0 }},
		{"Out is -3, wanted at least 1", func(l *Linear) { l.Out = -3 }},
		{"X has 6 values, wanted 7", func(l *Linear) { l.X = l.X[1:] }},
		{"W has 34 values, wanted 35", func(l *Linear) { l.W = l.W[1:] }},
		{"Bias has 4 values, wanted 5", func(l *Linear) { l.Bias = make([]float32, 4) }},
		{"takes no residual", func(l *Linear) { l.R = make([]int32, 5) }},
		{"Y has 4 values, wanted 5", func(l *Linear) { l.Y = l.Y[1:] }},
		{"wanted Lo <= Hi", func(l *Linear) { l.Act = Activation{Clamp, 1, 0} }},
	} {
		l := newLinear(t, rng, 5, 7)
		if err := l.Check(); err != nil {
			t.Fatal(err)
		}
		c.damage(l)
		if err := l.Check(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "linear: ") {
			t.Errorf("Check() = %v, wanted it to say %q", err, c.want)
		}
	}
}
