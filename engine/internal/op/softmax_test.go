package op

import (
	"math"
	"slices"
	"testing"
)

// Logits as large as float32 has them give probabilities still; NaN propagates.
func TestSoftmaxOfLargeLogits(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	half := float32(1 / (1 + math.E))
	for _, c := range []struct{ x, want []float32 }{
		{[]float32{1e4, 1e4 - 1, -1e4}, []float32{1 - half, half, 0}},
		{[]float32{-1e4, -1e4 - 1}, []float32{1 - half, half}},
		{[]float32{math.MaxFloat32, -math.MaxFloat32}, []float32{1, 0}},
		{[]float32{0, -inf}, []float32{1, 0}},
		{[]float32{7}, []float32{1}},
	} {
		y := make([]float32, len(c.x))
		Softmax(y, c.x)
		for i := range y {
			if d := y[i] - c.want[i]; !(d < 1e-6 && -d < 1e-6) {
				t.Errorf("%v: got %v, want %v", c.x, y, c.want)
				break
			}
		}
		// In place.
		x := slices.Clone(c.x)
		if Softmax(x, x); !slices.Equal(x, y) {
			t.Errorf("%v: in place got %v, want %v", c.x, x, y)
		}
	}
	y := make([]float32, 2)
	if Softmax(y, []float32{1, nan}); y[0] == y[0] || y[1] == y[1] {
		t.Errorf("got %v of a NaN, want NaN", y)
	}
}
