package onnx_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/internal/golden"
	"github.com/riffle-ml/riffle/internal/oracle"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// relative is the largest difference as a share of the largest value wanted;
// infinite where lengths differ or a value is NaN.
func relative(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	diff, most := 0.0, 0.0
	for i := range want {
		d := math.Abs(got[i] - want[i])
		if math.IsNaN(d) {
			return math.Inf(1)
		}
		diff, most = max(diff, d), max(most, math.Abs(want[i]))
	}
	if diff == 0 {
		return 0
	}
	return diff / most
}

// The networks of testdata, imported and evaluated by definition, against
// PyTorch's logits.
func TestNets(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/nets/*.onnx")
	if err != nil || len(paths) < 20 {
		t.Fatalf("got %d networks in testdata/nets (%v), want 20 or more", len(paths), err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			m, err := onnx.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(path[len("../../"):], ".")
			checkGolden(t, m, "../../"+name+".safetensors", 1e-5)
			for _, n := range m.Graph.Nodes {
				if n.Op == weights.OpAffine {
					t.Errorf("node %q is an affine, want every batch norm folded", n.Name)
				}
			}
		})
	}
}

// checkGolden compares the model, sample by sample, with a golden file's x and y.
func checkGolden(t *testing.T, m *weights.Model, path string, most float64) {
	t.Helper()
	arrays, _, err := golden.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	x, y := arrays["x"], arrays["y"]
	batch := x.Shape[0]
	in, out := len(x.Data)/batch, len(y.Data)/batch
	for b := range batch {
		got := oracle.Output(m, x.Float32()[b*in:][:in], nil)
		if e := relative(got, y.Data[b*out:][:out]); !(e <= most) {
			t.Errorf("sample %d: %d values, relative error %.3g, want %d values and at most %g", b, len(got), e, out, most)
		}
	}
}
