package engine

import (
	"context"
	"flag"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/realdata"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

var halfPictures = flag.Int("half.pictures", 10, "of TestHalfArithmeticReal: how many `pictures`, some 0.4 s each")

// TestHalfArithmeticReal measures what float16 arithmetic, as the set generic emulates it,
// does to the models that ship, on the first pictures of the test sets: how many classes
// change, and how far the logits are from those of float32, with the permutations that
// either chose and with those of float32. The figures of WithHalfArithmetic are from here.
func TestHalfArithmeticReal(t *testing.T) {
	dir := realdata.Dir(t)
	n := *halfPictures
	if testing.Short() {
		t.Skip("-short: float16 arithmetic is emulated, which takes long")
	}
	for _, name := range zoo.Names() {
		t.Run(name, func(t *testing.T) {
			m, err := zoo.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			x, labels := cifarInputs(t, dir, name, m, n)
			plain, half := mustNew(t, m), mustNew(t, m, WithISA("generic"), WithHalfArithmetic())
			p, h := session(t, plain), session(t, half)
			want, got := make([]float32, plain.plan.OutLen), make([]float32, plain.plan.OutLen)
			changed, moved, worst, injected, squares, right, rightHalf := 0, 0, 0.0, 0.0, 0.0, 0, 0
			run := func(s *Session, out []float32, i int) {
				t.Helper()
				if err := s.Run(context.Background(), out, x[i*plain.plan.InLen:][:plain.plan.InLen]); err != nil {
					t.Fatal(err)
				}
			}
			for i := range n {
				run(p, want, i)
				run(h, got, i)
				a, b := likeliest(want), likeliest(got)
				right, rightHalf = right+indicator(a == labels[i]), rightHalf+indicator(b == labels[i])
				changed += indicator(a != b)
				worst = max(worst, difference(got, want))
				for _, v := range want {
					squares += float64(v) * float64(v) / float64(n*len(want))
				}
				theirs := p.Permutations()
				if ours := h.Permutations(); samePermutations(ours, theirs) {
					injected = max(injected, difference(got, want))
					continue
				}
				moved++
				if err := h.Inject(theirs); err != nil {
					t.Fatal(err)
				}
				run(h, got, i)
				injected = max(injected, difference(got, want))
				if err := h.Inject(nil); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("of %d pictures %d change their class (%d right, %d in float32), %d a permutation; logits off by at most %.4f, with the same permutations %.4f; their root mean square is %.3f",
				n, changed, rightHalf, right, moved, worst, injected, math.Sqrt(squares))
			if changed*50 > n || injected > 0.05*math.Sqrt(squares) {
				t.Error("wanted one class in 50 changed at most, and with the same permutations an error of 0.05 of the root mean square")
			}
		})
	}
}

// cifarInputs is the first n pictures of the test set that the model called name was
// trained for, as it takes them, and their labels.
func cifarInputs(t *testing.T, dir, name string, m *weights.Model, n int) (x []float32, labels []int) {
	t.Helper()
	set, heads := "cifar10/test_batch.med.gz", 1
	if strings.HasPrefix(name, "cifar100") {
		set, heads = "cifar100/test.med.gz", 2
	}
	const plane = 32 * 32
	if c := m.Preprocess.Crop; c != [2]int{32, 32} {
		t.Skipf("its pictures have %v pixels", c)
	}
	records := realdata.CIFAR(t, dir, set, heads)
	for i := range n {
		r := records[i*(heads+3*plane):][:heads+3*plane]
		labels = append(labels, int(r[heads-1]))
		for j, v := range r[heads:] {
			c := j / plane
			x = append(x, (float32(v)/255-float32(m.Preprocess.Mean[c]))/float32(m.Preprocess.Std[c]))
		}
	}
	return x, labels
}

func session(t *testing.T, m *Model) *Session {
	t.Helper()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func indicator(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// likeliest is the index of the largest of v.
func likeliest(v []float32) int { return slices.Index(v, slices.Max(v)) }

func difference(a, b []float32) (most float64) {
	for i, v := range a {
		most = max(most, math.Abs(float64(v)-float64(b[i])))
	}
	return most
}

func samePermutations(a, b []Permutation) bool {
	return slices.EqualFunc(a, b, func(x, y Permutation) bool {
		return slices.Equal(x.Sigma, y.Sigma) && slices.Equal(x.Tau, y.Tau)
	})
}
