package engine

import (
	"context"
	"errors"
	"image"
	"math"
	"slices"
	"testing"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights"
)

// Top makes of a run's raw output what Classify makes of the picture, be the
// network's last layer a softmax or not, and be there further outputs or samples
// behind.
func TestTopIsClassify(t *testing.T) {
	soft := tiny()
	soft.Graph.Nodes = append(soft.Graph.Nodes, weights.Node{Name: "soft", Op: weights.OpSoftmax, Inputs: []string{"y"}, Outputs: []string{"p"}})
	soft.Graph.Outputs = []string{"p"}

	img := image.NewGray(image.Rect(0, 0, 9, 9))
	for i := range img.Pix {
		img.Pix[i] = uint8(3 * i)
	}
	var want []Prediction
	for _, c := range []struct {
		net  *weights.Model
		opts []Option
	}{{tiny(), nil}, {soft, nil}, {tiny(), []Option{WithOutputs("conv")}}} {
		m, err := New(c.net, c.opts...)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		p, err := preprocess.New(m.Preprocess())
		if err != nil {
			t.Fatal(err)
		}
		src := make([]float32, 2*m.Info().InputLen())
		dst := make([]float32, 2*m.Info().OutputLen())
		for i := range 2 {
			if err := p.Apply(src[i*len(src)/2:][:len(src)/2], img); err != nil {
				t.Fatal(err)
			}
		}
		s, err := m.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Run(context.Background(), dst, src); err != nil {
			t.Fatal(err)
		}
		classified, err := m.Classify(context.Background(), img, 2)
		if err != nil || len(classified) != 2 {
			t.Fatalf("got %v, %v, want two classes", classified, err)
		}
		if sum := classified[0].Prob + classified[1].Prob; sum < 0.9999 || sum > 1.0001 || classified[0].Prob == classified[1].Prob {
			t.Fatalf("got %v, want two probabilities", classified)
		}
		if want == nil {
			want = classified
		}
		before := slices.Clone(dst)
		for _, out := range [][]float32{dst, dst[len(dst)/2:]} {
			top, err := m.Top(out, 2)
			if err != nil || !slices.Equal(top, classified) || !slices.Equal(top, want) {
				t.Errorf("%d outputs: got %v, %v, want %v", len(m.Info().Outputs), top, err, want)
			}
		}
		if !slices.Equal(dst, before) {
			t.Error("Top changed what it read")
		}
		for _, out := range [][]float32{nil, dst[:1]} {
			if _, err := m.Top(out, 2); !errors.Is(err, ErrShape) {
				t.Errorf("%d elements: got %v, want ErrShape", len(out), err)
			}
		}
		for _, k := range []int{-1, 0, 1, 3} {
			if top, err := m.Top(dst, k); err != nil || len(top) != min(max(k, 0), 2) {
				t.Errorf("k = %d: got %v, %v", k, top, err)
			}
		}
	}
}

// A session that has not run yet has the static shuffle's permutations, not
// something that is none.
func TestPermutationsBeforeRun(t *testing.T) {
	m, err := New(build(t, "shufflenetv2:0.5x@32,shuffle=dynamic"))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	perms := s.Permutations()
	if len(perms) == 0 {
		t.Fatal("got no permutations")
	}
	for i := range perms {
		static := perms[i].Static()
		if !slices.Equal(perms[i].Sigma, static.Sigma) || !slices.Equal(perms[i].Tau, static.Tau) {
			t.Errorf("%s: got %v %v, want identities", perms[i].Node, perms[i].Sigma, perms[i].Tau)
		}
	}
	if err := s.Inject(perms); err != nil {
		t.Errorf("what Permutations returned is refused: %v", err)
	}
}

// However many are asked for, they are the first of the same order: by
// probability, equal ones by class.
func TestTopOrder(t *testing.T) {
	m := &Model{info: Info{Labels: []string{"zero", "one"}}}
	probs := make([]float32, 300)
	for i := range probs {
		probs[i] = float32(i * 7919 % 101 % 40) // many equal
	}
	nan := slices.Repeat([]float32{float32(math.NaN())}, 300)
	for _, p := range [][]float32{probs, nan, nil} {
		classes := make([]int, len(p))
		for i := range classes {
			classes[i] = i
		}
		slices.SortStableFunc(classes, func(a, b int) int {
			if p[a] != p[b] && p[a] > p[b] {
				return -1
			} else if p[a] < p[b] {
				return 1
			}
			return 0
		})
		for _, k := range []int{-1, 0, 1, 2, 5, insertBelow - 1, insertBelow, insertBelow + 1, 299, 300, 301} {
			top := m.appendTop(nil, p, k)
			if want := max(0, min(k, len(p))); len(top) != want {
				t.Fatalf("k = %d of %d: got %d", k, len(p), len(top))
			}
			for i, x := range top {
				if x.Class != classes[i] || (x.Class < 2) != (x.Label != "") || math.Float32bits(x.Prob) != math.Float32bits(p[x.Class]) {
					t.Fatalf("k = %d: place %d: got %+v, want class %d", k, i, x, classes[i])
				}
			}
		}
	}
}

// What Classify does after the network, for the thousand classes of ImageNet.
func BenchmarkTop(b *testing.B) {
	m, err := New(build(b, "shufflenetv2:0.25x@32,classes=1000"))
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	out := make([]float32, 1000)
	for i := range out {
		out[i] = float32(i*7919%1000) / 100
	}
	for b.Loop() {
		if _, err := m.Top(out, 5); err != nil {
			b.Fatal(err)
		}
	}
}
