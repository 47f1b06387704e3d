package quantize

import (
	"math/rand/v2"
	"testing"
)

// Elements that are 0 have no error, and so change nothing in what kl chooses: with a ReLU's
// many zeros it keeps the range that it has without them.
func TestKLOfManyZeros(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	values, zeros := make([]float32, 20000), make([]float32, 60000)
	most := float32(0)
	for i := range values {
		values[i] = max(float32(rng.NormFloat64()), -float32(rng.NormFloat64()), 1e-3)
		most = max(most, values[i])
	}
	plain, many := newHistogram(0, float64(most)), newHistogram(0, float64(most))
	plain.add(values)
	many.add(values)
	many.add(zeros)
	want, got := KL.quant(plain), KL.quant(many)
	if got != want {
		t.Errorf("with zeros: got %v, want %v as without", got, want)
	}
	if got.Scale*255 < most/2 {
		t.Errorf("got a range of %v, want at least half of %v", got.Scale*255, most)
	}
	none := newHistogram(0, 1)
	none.add(zeros)
	if got := KL.quant(none); got != between(0, 1) {
		t.Errorf("of zeros alone: got %v, want the whole range", got)
	}
}
