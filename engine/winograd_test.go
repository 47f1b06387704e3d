package engine

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
)

// A 3x3 convolution of any size and padding, with and without a residual and an
// activation, is right by Winograd's algorithm, and has the same bits for any number of
// threads.
func TestWinogradConvolutions(t *testing.T) {
	forEachSet(t, func(t *testing.T, isa string) {
		rng := rand.New(rand.NewPCG(3, 4))
		used := 0
		for range 40 {
			n := newDenseNet(1+rng.IntN(3), 4+rng.IntN(40))
			n.rng = rng
			size, c, out := n.m.Graph.Inputs[0].Shape[1], 8+rng.IntN(50), 8+rng.IntN(50)
			x := n.conv("x", n.m.Graph.Inputs[0].Shape[0], c, 1, 1)
			pad := []int{rng.IntN(3), rng.IntN(3), rng.IntN(3), rng.IntN(3)}
			residual := rng.IntN(2) == 0
			if residual {
				pad, out = []int{1, 1, 1, 1}, c
			}
			w := map[string]string{"weight": n.tensor(math.Sqrt(1/float64(9*c)), out, c, 3, 3)}
			if rng.IntN(2) == 0 {
				w["bias"] = n.tensor(0.5, out)
			}
			y := n.node(weights.OpConv, map[string][]int{"kernel": {3, 3}, "pad": pad}, w, x)
			if residual {
				y = n.node(weights.OpAdd, nil, nil, y, x)
			}
			switch rng.IntN(4) {
			case 0:
				y = n.relu(y)
			case 1:
				y = n.node(weights.OpReLU6, nil, nil, y)
			case 2:
				y = n.node(weights.OpSiLU, nil, nil, y)
			}
			n.m.Graph.Outputs = []string{y}
			model := mustNew(t, &n.m, WithISA(isa), WithThreads(1))
			if kernels(model, "winograd") == 0 {
				continue
			}
			used++
			in := randomInput(model.plan.InLen, uint64(size))
			got, want := runAll(t, model, in), oracle.Output(&n.m, in, nil)
			if err := relError(got, want); err > denseError {
				t.Errorf("%d to %d channels of %dx%d, padding %v: an error of %g, want at most %g", c, out, size, size, pad, err, denseError)
			}
			if other := runAll(t, mustNew(t, &n.m, WithISA(isa), WithThreads(3)), in); !sameBits(got, other) {
				t.Errorf("%d to %d channels of %dx%d, padding %v: other bits with 3 threads", c, out, size, size, pad)
			}
		}
		if isa == "avx2" && used < 20 {
			t.Errorf("%d convolutions ran by Winograd's algorithm, want at least 20", used)
		}
	})
}
