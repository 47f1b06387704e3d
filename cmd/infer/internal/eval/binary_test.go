package eval_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
)

// brightness is a model file of a network with one output, above zero for pictures
// whose mean is above a half.
func brightness(t *testing.T, labels ...string) string {
	t.Helper()
	m := &weights.Model{
		Graph: weights.Graph{
			Inputs: []weights.Value{{Name: "x", Shape: []int{3, 8, 8}}},
			Nodes: []weights.Node{
				{Name: "gap", Op: weights.OpGlobalAvgPool, Inputs: []string{"x"}, Outputs: []string{"g"}},
				{Name: "flat", Op: weights.OpFlatten, Inputs: []string{"g"}, Outputs: []string{"f"}},
				{Name: "fc", Op: weights.OpLinear, Inputs: []string{"f"}, Outputs: []string{"y"}, Tensors: map[string]string{"weight": "w", "bias": "b"}},
			},
			Outputs: []string{"y"},
		},
		Tensors: []weights.Tensor{
			{Name: "b", Shape: []int{1}, Data: []float32{-5}}, {Name: "w", Shape: []int{1, 3}, Data: []float32{10. / 3, 10. / 3, 10. / 3}},
		},
		Labels: labels,
		Preprocess: &weights.Preprocess{Crop: [2]int{8, 8}, Filter: "bilinear", Order: "rgb",
			Mean: []float64{0, 0, 0}, Std: []float64{1, 1, 1}},
	}
	path := filepath.Join(t.TempDir(), "bright.rfl")
	if err := weights.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestEvalBinary: a single output tells two classes apart.
func TestEvalBinary(t *testing.T) {
	for _, c := range []struct {
		labels    []string
		dark, lit string // directories
	}{
		{nil, "0", "1"}, {nil, "dark", "light"}, {[]string{"light"}, "dark", "light"}, {[]string{"bright"}, "not bright", "bright"},
		{[]string{"alight"}, "dark", "alight"}, // the label counts, not the order
		{[]string{"night", "day"}, "night", "day"},
	} {
		dir := infertest.Tree(t, map[string]string{
			c.dark + "/1.png": "black", c.dark + "/2.png": "red", c.dark + "/3.png": "white", c.lit + "/1.png": "white", c.lit + "/2.png": "white",
		})
		pred := filepath.Join(t.TempDir(), "p")
		r := evalJSON(t, cli.OK, "-m", brightness(t, c.labels...), "-predictions", pred, dir)
		if r.Pictures != 5 || r.Top1 != 4 || r.Top5 != 5 {
			t.Errorf("%v: got %+v, want 4 right of 5", c, r)
		}
		b, err := os.ReadFile(pred)
		want := "0\n0\n1\n1\n1\n"
		if c.lit < c.dark {
			want = "1\n1\n0\n0\n1\n"
		}
		if err != nil || string(b) != want {
			t.Errorf("%v: got predictions %q, want %q", c, b, want)
		}
	}
	dir := infertest.Tree(t, map[string]string{"a/1.png": "black", "b/1.png": "red", "c/1.png": "white"})
	if _, errs := infertest.Want(t, cli.Failed, "eval", "-m", brightness(t), dir); !strings.Contains(errs, "3 names are not those of its 2 classes") {
		t.Errorf("got %q", errs)
	}
}

// TestEvalBinaryAgainst: two classes, whose logits differ by that output.
func TestEvalBinaryAgainst(t *testing.T) {
	m, dir := brightness(t), infertest.Tree(t, map[string]string{"0/1.png": "black", "0/2.png": "red", "1/1.png": "white"})
	ref := &tensorFile{names: []string{"logits"}, floats: map[string][]float32{"logits": {-5, -5. / 3, 5}}}
	out, _ := infertest.Want(t, cli.OK, "eval", "-json", "-m", m, "-against", ref.write(t), dir)
	var r struct {
		Against struct {
			Differ int     `json:"classes_differ"`
			Error  float64 `json:"logit_error"`
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Against.Differ != 0 || r.Against.Error > 1e-6 {
		t.Errorf("got %s, %v", out, err)
	}
	ref.floats["logits"][1] = 3
	out, _ = infertest.Want(t, cli.Failed, "eval", "-json", "-m", m, "-against", ref.write(t), dir)
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Against.Differ != 1 {
		t.Errorf("got %s, %v, want one class that differs", out, err)
	}
}
