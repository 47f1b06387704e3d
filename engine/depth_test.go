package engine

import (
	"math"
	"testing"

	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
)

// rmsError is the root of the mean square of the errors, relative to that of want, in
// units of half a unit in the last place of 1.
func rmsError(got []float32, want []float64) float64 {
	diff, all := 0.0, 0.0
	for i, w := range want {
		d := float64(got[i]) - w
		diff, all = diff+d*d, all+w*w
	}
	return math.Sqrt(diff/all) * 0x1p24
}

// A deep sum is no chain: its error is that of a block and of the sum of the blocks. A chain
// of n random products errs by 0.41*sqrt(n/2) units: each addition rounds by at most one
// unit of a sum that has grown like the square root of its length, 0.41 of it in the root
// mean square. That is 4.6 for a block of 256, and 4.8 with 16 blocks; a chain of 4096
// would err by 18.5, and one of 2304, the 3x3 window's, by 14.
func TestDeepSums(t *testing.T) {
	const bound = 7
	for _, s := range []struct {
		name                            string
		c, out, k, stride, size, groups int
	}{
		{"pointwise", 4096, 24, 1, 1, 5, 1},
		{"3x3 of stride 2", 256, 24, 3, 2, 9, 1},
		{"3x3 in groups", 512, 24, 3, 2, 9, 2},
		{"one pixel", 4096, 24, 1, 2, 2, 1},
	} {
		n := newDenseNet(s.c, s.size)
		in := s.c / s.groups
		w := map[string]string{"weight": n.tensor(math.Sqrt(1/float64(in*s.k*s.k)), s.out, in, s.k, s.k), "bias": n.tensor(0.1, s.out)}
		p := s.k / 2
		y := n.node(weights.OpConv, map[string][]int{"kernel": {s.k, s.k}, "stride": {s.stride, s.stride}, "pad": {p, p, p, p}, "groups": {s.groups}}, w, "x")
		n.m.Graph.Outputs = []string{y}
		forEachSet(t, func(t *testing.T, isa string) {
			model := mustNew(t, &n.m, WithISA(isa), WithThreads(1))
			x := randomInput(model.plan.InLen, 5)
			got := runAll(t, model, x)
			err := rmsError(got, oracle.Output(&n.m, x, nil))
			t.Logf("%s: an error of %.1f units", s.name, err)
			if err > bound {
				t.Errorf("%s: an error of %.1f units, want at most %d", s.name, err, bound)
			}
			if other := runAll(t, mustNew(t, &n.m, WithISA(isa), WithThreads(3)), x); !sameBits(got, other) {
				t.Errorf("%s: other bits with 3 threads", s.name)
			}
		})
	}
}

// Deep sums in blocks take the bias and the residual once, and the activation at the end.
func TestDeepEpilogue(t *testing.T) {
	n := newDenseNet(520, 3)
	x := n.conv("x", 520, 520, 1, 1)
	y := n.relu(n.node(weights.OpAdd, nil, nil, n.conv(x, 520, 520, 1, 1), x))
	n.m.Graph.Outputs = []string{y}
	forEachSet(t, func(t *testing.T, isa string) {
		model := mustNew(t, &n.m, WithISA(isa), WithThreads(1))
		in := randomInput(model.plan.InLen, 6)
		if err := rmsError(runAll(t, model, in), oracle.Output(&n.m, in, nil)); err > 20 {
			t.Errorf("an error of %.1f units, want at most 20", err)
		}
	})
}

// Tiles of 4 of few channels are for networks that add to what a layer computes.
func TestRoughTiles(t *testing.T) {
	for _, s := range []struct {
		c     int
		sum   bool
		tiles string
	}{{64, false, "winograd2x2"}, {64, true, "winograd4x4"}, {136, false, "winograd4x4"}, {136, true, "winograd4x4"}} {
		n := newDenseNet(3, 56)
		x := n.conv("x", 3, s.c, 1, 1)
		y := n.conv(x, s.c, s.c, 3, 1)
		if s.sum {
			y = n.node(weights.OpAdd, nil, nil, y, x)
		}
		n.m.Graph.Outputs = []string{y}
		model := mustNew(t, &n.m, WithThreads(1))
		if kernels(model, "winograd") == 0 {
			t.Skip("the set has no units for it")
		}
		if kernels(model, s.tiles) != 1 {
			t.Errorf("%d channels, a sum %v: want %s", s.c, s.sum, s.tiles)
		}
	}
}

// A plain network of four 3x3 convolutions errs by no more than the same in textbook order
// would. A chain of 576 products errs by 7 units (see TestDeepSums), four such layers by
// twice that where errors do not grow. With tiles of 4 the error is above that bound.
func TestPlainDenseNetwork(t *testing.T) {
	const bound = 14
	n := newDenseNet(3, 32)
	x := n.conv("x", 3, 64, 1, 1)
	for range 4 {
		x = n.conv(n.relu(x), 64, 64, 3, 1)
	}
	n.m.Graph.Outputs = []string{x}
	var want []float64
	forEachSet(t, func(t *testing.T, isa string) {
		model := mustNew(t, &n.m, WithISA(isa), WithThreads(1))
		in := randomInput(model.plan.InLen, 7)
		if want == nil {
			want = oracle.Output(&n.m, in, nil)
		}
		err := rmsError(runAll(t, model, in), want)
		t.Logf("an error of %.1f units", err)
		if err > bound {
			t.Errorf("an error of %.1f units, want at most %d", err, bound)
		}
	})
}
