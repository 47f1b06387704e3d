package element

import (
	"math"
	"testing"

	"github.com/riffle-ml/riffle/weights"
)

// Values of a few functions, worked out by hand or taken from tables.
func TestOf(t *testing.T) {
	half := func(role string, def float64) float64 {
		if math.IsInf(def, 0) {
			return def
		}
		return 0.5
	}
	for _, c := range []struct {
		n       weights.Node
		x, want float64
	}{
		{weights.Node{Op: weights.OpReLU}, -1, 0},
		{weights.Node{Op: weights.OpReLU6}, 7, 6},
		{weights.Node{Op: weights.OpClip}, -1e9, -1e9}, // without limits
		{weights.Node{Op: weights.OpHardSigmoid}, 0.5, 0.75},
		{weights.Node{Op: weights.OpSigmoid}, 0, 0.5},
		{weights.Node{Op: weights.OpSiLU}, math.Log(3), 0.75 * math.Log(3)},
		{weights.Node{Op: weights.OpHardSwish}, 1, 2.0 / 3},
		{weights.Node{Op: weights.OpMish}, 0, 0},
		{weights.Node{Op: weights.OpGELU}, 1, 0.841344746068543},
		{weights.Node{Op: weights.OpGELU, Attrs: map[string][]int{"tanh": {1}}}, 1, 0.841191990608276},
		{weights.Node{Op: weights.OpLeakyReLU}, -4, -2},
		{weights.Node{Op: weights.OpELU}, -math.Ln2, -0.25},
		{weights.Node{Op: weights.OpSoftplus}, 1000, 1000},
		{weights.Node{Op: weights.OpReciprocal}, 4, 0.25},
	} {
		if got := Of(&c.n, half)(c.x); math.Abs(got-c.want) > 1e-12*max(1, math.Abs(c.want)) {
			t.Errorf("%s of %v: got %v, want %v", c.n.Op, c.x, got, c.want)
		}
	}
	for _, op := range []string{weights.OpConv, weights.OpAdd, weights.OpPReLU, weights.OpSoftmax, ""} {
		if Is(op) {
			t.Errorf("%s: got a function of single elements, want none", op)
		}
	}
}

// A product that is added to is rounded first, where processors could fuse the two: fused,
// the sum here would be above the half that is rounded to 0.
func TestNothingFused(t *testing.T) {
	number := func(role string, _ float64) float64 {
		return map[string]float64{"alpha": 0x1.91a2bap-1, "beta": -0x1.9708c8p+0}[role]
	}
	f := Of(&weights.Node{Op: weights.OpHardSigmoid}, number)
	table := Table(f, weights.Quant{Scale: 0x1.cb2c4ap-7}, weights.Quant{Scale: 0x1p-7})
	if table[145] != 0 {
		t.Errorf("got %d, want 0", table[145])
	}
}

// Tables round halves to even, keep to 8 bits, and have 0 where there is no number.
func TestTable(t *testing.T) {
	from, to := weights.Quant{Scale: 0.5, Zero: 128}, weights.Quant{Scale: 1, Zero: 3}
	table := Table(func(x float64) float64 { return x }, from, to)
	for q, want := range map[int]byte{0: 0, 128: 3, 129: 3, 131: 5, 133: 5, 127: 3, 255: 67} {
		if table[q] != want {
			t.Errorf("entry %d: got %d, want %d", q, table[q], want)
		}
	}
	if table := Table(math.Sqrt, from, to); table[0] != 0 || table[136] != 5 {
		t.Errorf("got %d for the root of a negative number and %d for that of 4, want 0 and 5", table[0], table[136])
	}
	if table := Table(func(x float64) float64 { return 1 / x }, from, to); table[128] != 255 {
		t.Errorf("got %d for an infinite number, want 255", table[128])
	}
}
