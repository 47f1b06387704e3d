package classify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/internal/npy"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/onnx"
)

// values are what the engine computes for a picture: the outputs named, one after another.
func values(t *testing.T, model, picture string, names ...string) []float32 {
	t.Helper()
	m, err := engine.Load(model, engine.WithOutputs(names...))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	img, err := preprocess.DecodeFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	info := m.Info()
	in, out := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	if err := preprocess.Apply(in, img, m.Preprocess()); err != nil {
		t.Fatal(err)
	}
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(context.Background(), out, in); err != nil {
		t.Fatal(err)
	}
	return out
}

// array reads a .npy file.
func array(t *testing.T, path string) (shape []int, data []float32) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := npy.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	n := 1
	for _, d := range r.Shape() {
		n *= d
	}
	data = make([]float32, n)
	if err := r.Read(data); err != nil {
		t.Fatal(err)
	}
	return r.Shape(), data
}

func TestLogits(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), infertest.Tree(t, map[string]string{"a.png": "png1"})
	pic := filepath.Join(dir, "a.png")
	want := values(t, m, pic)
	out, _ := infertest.Want(t, cli.OK, "-m", m, "-json", "-logits", "-k", "2", pic)
	var rec struct {
		Top    []struct{ Class int }
		Logits []float32
	}
	if err := json.Unmarshal([]byte(out), &rec); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if !slices.Equal(rec.Logits, want) || len(rec.Top) != 2 {
		t.Errorf("got %s, want the logits %v and 2 classes", out, want)
	}
	text, _ := infertest.Want(t, cli.OK, "-m", m, "-logits", "-k", "1", pic)
	best := slices.Index(want, slices.Max(want))
	if line := fmt.Sprintf("  %9.4f  %s\n", want[best], infertest.Animals[best]); !strings.HasSuffix(text, line) {
		t.Errorf("got %q, want %q", text, line)
	}
	if plain, _ := infertest.Want(t, cli.OK, "-m", m, "-json", pic); strings.Contains(plain, "logits") {
		t.Errorf("got logits that nobody asked for: %s", plain)
	}
}

// TestEmbed: rows are what the engine computes, in the order of the pictures, NaN for
// one that failed, and the classes are printed as ever.
func TestEmbed(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	dir := infertest.Tree(t, map[string]string{"a.png": "png1", "b.png": "broken", "c.png": "png3"})
	to := filepath.Join(t.TempDir(), "e.npy")
	a, last := filepath.Join(dir, "a.png"), filepath.Join(dir, "c.png")
	plain, _ := infertest.Want(t, cli.Failed, "-m", m, "-json", dir)
	out, _ := infertest.Want(t, cli.Failed, "-m", m, "-json", "-embed", to, dir)
	if out != plain {
		t.Errorf("got records\n%s, without -embed\n%s", out, plain)
	}
	model := infertest.Model(t)
	linear := model.Graph.Nodes[len(model.Graph.Nodes)-1]
	if linear.Op != weights.OpLinear {
		t.Fatalf("the last node is %q", linear.Op)
	}
	for _, c := range []struct {
		value      string
		args       []string
		dimensions int
	}{
		{linear.Inputs[0], nil, 2}, // found by itself
		{model.Graph.Nodes[0].Outputs[0], []string{"-output", model.Graph.Nodes[0].Name}, 4}, // a feature map
		{model.Graph.Outputs[0], []string{"-output", model.Graph.Outputs[0]}, 2},
	} {
		infertest.Want(t, cli.Failed, append([]string{"-m", m, "-q", "-embed", to, dir}, c.args...)...)
		shape, got := array(t, to)
		per := len(got) / 3
		tail := func(pic string) []float32 { // the output asked for comes last
			all := values(t, m, pic, c.value)
			return all[len(all)-per:]
		}
		if shape[0] != 3 || !slices.Equal(got[:per], tail(a)) || !slices.Equal(got[2*per:], tail(last)) {
			t.Errorf("%s: got an array of shape %v with other values than the engine's", c.value, shape)
		}
		for _, v := range got[per:][:per] {
			if !math.IsNaN(float64(v)) {
				t.Fatalf("%s: got %v for a broken picture, want NaN", c.value, v)
			}
		}
		if len(shape) != c.dimensions {
			t.Errorf("%s: got shape %v, want %d dimensions", c.value, shape, c.dimensions)
		}
	}
}

// TestEmbedOnly: a network whose first output holds no classes still gives embeddings;
// the records are names alone.
func TestEmbedOnly(t *testing.T) {
	m := infertest.ModelFile(t, func(m *weights.Model) {
		m.Labels, m.Graph.Outputs = nil, []string{m.Graph.Nodes[0].Outputs[0]}
	})
	dir := infertest.Tree(t, map[string]string{"a.png": "png1"})
	pic, to := filepath.Join(dir, "a.png"), filepath.Join(dir, "e.npy")
	_, errs := infertest.Want(t, cli.Model, "-m", m, "-embed", to, pic)
	if !strings.Contains(errs, "no linear layer") || !strings.Contains(errs, "-output NAME") {
		t.Errorf("got %q, want an error that says what to do", errs)
	}
	out, _ := infertest.Want(t, cli.OK, "-m", m, "-json", "-embed", to, "-output", infertest.Model(t).Graph.Nodes[0].Name, pic)
	if want := fmt.Sprintf("{\"file\":%q}\n", pic); out != want {
		t.Errorf("got %q, want %q", out, want)
	}
	if shape, got := array(t, to); !slices.Equal(got, values(t, m, pic)) {
		t.Errorf("got an array of shape %v with other values than the engine's", shape)
	}
}

func TestEmbedRefused(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), infertest.Tree(t, map[string]string{"a.png": "png1"})
	pic := filepath.Join(dir, "a.png")
	for what, args := range map[string][]string{
		"-embed: got \"e.txt\"":        {"-embed", "e.txt"},
		"-embed: got \"\"":             {"-embed", ""},
		"-explain-png: got \"a.jpg\"":  {"-explain-png", "a.jpg"},
		"-explain-png: got \"-\"":      {"-explain-png", "-"},
		"-output: got \"none such\"":   {"-output", "none such"},
		"-output: got an empty name":   {"-output", ""},
		"-output: got \"none other\"":  {"-output", "none other", "-embed", filepath.Join(dir, "e.npy")},
		"has no dynamic shuffle to":    {"-explain-png", filepath.Join(dir, "x.png")},
		"flag provided but not define": {"-embedding", "x"},
	} {
		out, errs := infertest.Want(t, cli.Usage, append([]string{"-m", m, pic}, args...)...)
		if out != "" || !strings.Contains(errs, what) {
			t.Errorf("got %q and %q, want %q", out, errs, what)
		}
	}
	if got := infertest.Entries(t, dir); got != "a.png" {
		t.Errorf("got files %q", got)
	}
}

// TestOutput: classes are not read out of a feature map or an embedding; -output
// says where they are.
func TestOutput(t *testing.T) {
	dir := infertest.Tree(t, map[string]string{"a.png": "png1"})
	pic := filepath.Join(dir, "a.png")
	good, _ := infertest.Want(t, cli.OK, "-m", infertest.ModelFile(t, nil), "-json", pic)
	nodes := infertest.Model(t).Graph.Nodes
	classes := infertest.Model(t).Graph.Outputs[0]
	for what, first := range map[string]string{
		"a feature map":                        nodes[0].Outputs[0],
		"what another output is computed from": nodes[len(nodes)-1].Inputs[0],
	} {
		m := infertest.ModelFile(t, func(m *weights.Model) { m.Labels, m.Graph.Outputs = nil, []string{first, classes} })
		out, errs := infertest.Want(t, cli.Model, "-m", m, pic)
		if out != "" || !strings.Contains(errs, "is "+what) || !strings.Contains(errs, "-output NAME") || !strings.Contains(errs, classes+" (10)") {
			t.Errorf("got %q and %q, want %q and what to do", out, errs, what)
		}
		if _, errs := infertest.Want(t, cli.Model, "eval", "-m", m, dir); !strings.Contains(errs, "is "+what) {
			t.Errorf("eval: got %q, want %q", errs, what)
		}
		out, _ = infertest.Want(t, cli.OK, "-m", m, "-json", "-output", classes, pic)
		for _, label := range infertest.Animals {
			good = strings.Replace(good, fmt.Sprintf(`,"label":%q`, label), "", 1)
		}
		if out != good {
			t.Errorf("-output: got %s, want %s", out, good)
		}
	}
	// Two outputs that are classes both: the first one counts. A value that is not the
	// first output may be chosen, and has no labels.
	two := infertest.ModelFile(t, func(m *weights.Model) {
		m.Graph.Nodes = append(m.Graph.Nodes, weights.Node{Name: "prob", Op: weights.OpSoftmax, Inputs: m.Graph.Outputs, Outputs: []string{"prob"}})
		m.Graph.Outputs = append(m.Graph.Outputs, "prob")
	})
	a, _ := infertest.Want(t, cli.OK, "-m", two, pic)
	b, _ := infertest.Want(t, cli.OK, "-m", two, "-output", "prob", pic)
	if a != b || strings.Contains(a, "class ") {
		t.Errorf("got %q and %q, want the same classes with labels", a, b)
	}
}

// oneLogit is a model file of a network that tells two classes apart by one output.
func oneLogit(t *testing.T, labels ...string) string {
	return infertest.ModelFile(t, func(m *weights.Model) {
		linear := &m.Graph.Nodes[len(m.Graph.Nodes)-1]
		for role, name := range linear.Tensors {
			x := m.Tensor(name)
			x.Data = x.Data[:len(x.Data)/x.Shape[0]]
			x.Shape = slices.Clone(x.Shape)
			x.Shape[0] = 1
			if role == "bias" {
				x.Data[0] = 0.75
			}
		}
		m.Labels = labels
	})
}

// TestOneLogit: the probability of a single output is its sigmoid, and not 100 %.
func TestOneLogit(t *testing.T) {
	m, dir := oneLogit(t, "cat"), infertest.Tree(t, map[string]string{"a.png": "png1", "b.png": "png2"})
	for _, name := range []string{"a.png", "b.png"} {
		pic := filepath.Join(dir, name)
		z := values(t, m, pic)
		out, _ := infertest.Want(t, cli.OK, "-m", m, "-json", pic)
		var rec struct{ Top []engine.Prediction }
		if err := json.Unmarshal([]byte(out), &rec); err != nil || len(z) != 1 || len(rec.Top) != 1 {
			t.Fatalf("%s: got %q, %v", name, out, err)
		}
		if want := 1 / (1 + math.Exp(-float64(z[0]))); math.Abs(float64(rec.Top[0].Prob)-want) > 1e-6 {
			t.Errorf("%s: got %v, want %v, the sigmoid of %v", name, rec.Top[0].Prob, want, z[0])
		}
		text, _ := infertest.Want(t, cli.OK, "-m", m, pic)
		if !strings.HasSuffix(text, "%  cat (sigmoid of the only output)\n") {
			t.Errorf("%s: got %q, want it to say what the number is", name, text)
		}
		// With two labels both cases are named, and their probabilities add up.
		out, _ = infertest.Want(t, cli.OK, "-m", oneLogit(t, "dog", "cat"), "-json", pic)
		p := rec.Top[0].Prob
		if err := json.Unmarshal([]byte(out), &rec); err != nil || len(rec.Top) != 2 {
			t.Fatalf("%s: got %q, %v", name, out, err)
		}
		for _, x := range rec.Top {
			if x.Label != []string{"dog", "cat"}[x.Class] || math.Abs(float64(x.Prob)-[]float64{1 - float64(p), float64(p)}[x.Class]) > 1e-6 {
				t.Errorf("%s: got %s, want cat with %v and dog with the rest", name, out, p)
			}
		}
	}
}

// TestONNX: an ONNX file runs as it is, known by its contents, with a note on what it
// does not say; its open size is an error that says what to do.
func TestONNX(t *testing.T) {
	model := infertest.Model(t)
	b, err := onnx.Export(model)
	if err != nil {
		t.Fatal(err)
	}
	dir := infertest.Tree(t, map[string]string{"a.png": "png1", "m.onnx": string(b), "m.model": string(b), "m.rfl": string(b)})
	plain := filepath.Join(dir, "plain.rfl")
	infertest.Want(t, cli.OK, "convert", "-q", filepath.Join(dir, "m.onnx"), "-o", plain)
	want, _ := infertest.Want(t, cli.OK, "-m", plain, "-json", filepath.Join(dir, "a.png"))
	for _, name := range []string{"m.onnx", "m.model", "m.rfl"} {
		out, errs := infertest.Want(t, cli.OK, "-m", filepath.Join(dir, name), "-json", filepath.Join(dir, "a.png"))
		if out != want || !strings.HasPrefix(errs, "infer: note: ") || !strings.Contains(errs, "infer convert") {
			t.Errorf("%s: got %q and %q, want %q and a note", name, out, errs, want)
		}
		if _, errs := infertest.Want(t, cli.OK, "-q", "-m", filepath.Join(dir, name), filepath.Join(dir, "a.png")); errs != "" {
			t.Errorf("%s: got %q, want no note with -q", name, errs)
		}
	}
}
