package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The same bits as the reference in every set, for every length, any slice of
// the outputs, special values too; and close to the sum in float64.
func TestDots(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	special := []float32{0, float32(math.Copysign(0, -1)), 1e-45, float32(math.Inf(1)), float32(math.NaN())}
	forEachSet(t, func(t *testing.T, set *Set) {
		for in := 1; in <= 70; in++ {
			for out := 1; out <= 13; out++ {
				d := Dots{X: make([]float32, in), W: make([]float32, in*out), Bias: make([]float32, out), Y: make([]float32, out), In: in, Out: out}
				for _, v := range [][]float32{d.X, d.W, d.Bias} {
					for i := range v {
						if v[i] = float32(rng.NormFloat64()); in%7 == 0 && rng.IntN(6) == 0 {
							v[i] = special[rng.IntN(len(special))]
						}
					}
				}
				if err := d.Check(); err != nil {
					t.Fatal(err)
				}
				want := d
				want.Y = make([]float32, out)
				refDots(&want)
				set.Dots(&d)
				for o := range out {
					if g, w := math.Float32bits(d.Y[o]), math.Float32bits(want.Y[o]); g != w && !(d.Y[o] != d.Y[o] && want.Y[o] != want.Y[o]) {
						t.Fatalf("%dx%d, output %d: got %08x, wanted %08x", out, in, o, g, w)
					}
					sum, mag := float64(d.Bias[o]), math.Abs(float64(d.Bias[o]))
					for i := range in {
						p := float64(d.W[o*in+i]) * float64(d.X[i])
						sum, mag = sum+p, mag+math.Abs(p)
					}
					if diff := math.Abs(float64(d.Y[o]) - sum); diff > float64(in/8+6)*0x1p-24*mag {
						t.Fatalf("%dx%d, output %d: got %v, wanted %v", out, in, o, d.Y[o], sum)
					}
				}
				part := d
				lo := rng.IntN(out)
				part.W, part.Bias, part.Y, part.Out = d.W[lo*in:], d.Bias[lo:], make([]float32, out-lo), out-lo
				set.Dots(&part)
				for o, g := range part.Y {
					if w := d.Y[lo+o]; math.Float32bits(g) != math.Float32bits(w) && !(g != g && w != w) {
						t.Fatalf("%dx%d: output %d alone is %v, among others %v", out, in, lo+o, g, w)
					}
				}
			}
		}
	})
}
