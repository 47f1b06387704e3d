package convert_test

import (
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
)

func TestConvert(t *testing.T) {
	from := infertest.ModelFile(t, func(m *weights.Model) { m.Labels, m.Preprocess = nil, nil })
	dir := infertest.Tree(t, map[string]string{"labels.txt": "\ufeff" + strings.Join(infertest.Animals, "\r\n") + "\r\n\n"})
	to := filepath.Join(dir, "new.rfl")
	out, errs := infertest.Want(t, cli.OK, "convert", from, "-o", to, "-labels", filepath.Join(dir, "labels.txt"),
		"-mean", "0.1, 0.2,0.3", "-std", "0.5", "-resize", "40", "-crop", "32", "-name", "zoo", "-source", "made up", "-license", "CC0")
	if out != "" || !strings.Contains(errs, "new.rfl: ") || strings.Count(errs, "note: ") != 1 || !strings.Contains(errs, "note: -std: one value for all 3 channels\n") {
		t.Errorf("got %q and %q, want a note and one line on standard error", out, errs)
	}
	m, err := weights.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	p := &weights.Preprocess{
		Resize: 40, Crop: [2]int{32, 32}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.1, 0.2, 0.3}, Std: []float64{0.5, 0.5, 0.5},
	}
	if !reflect.DeepEqual(m.Preprocess, p) || !reflect.DeepEqual(m.Labels, infertest.Animals) || m.Name != "zoo" {
		t.Errorf("got %+v, %q, %q", m.Preprocess, m.Labels, m.Name)
	}
	if m.Provenance.Source != "made up" || m.Provenance.License != "CC0" {
		t.Errorf("got provenance %+v", m.Provenance)
	}
	// What is not said stays; the weights are not touched.
	again := filepath.Join(dir, "again.rfl")
	infertest.Want(t, cli.OK, "convert", to, "-o", again, "-q")
	a, _ := os.ReadFile(to)
	b, _ := os.ReadFile(again)
	if len(a) == 0 || string(a) != string(b) {
		t.Error("converting without a change changed the file")
	}
	// In place.
	infertest.Want(t, cli.OK, "convert", again, "-o", again, "-q", "-name", "other")
	if m, err := weights.ReadFile(again); err != nil || m.Name != "other" || m.Preprocess == nil {
		t.Errorf("in place: got %+v, %v", m, err)
	}
	if got := infertest.Entries(t, dir); got != "again.rfl labels.txt new.rfl" {
		t.Errorf("got files %q", got)
	}
}

// TestConvertONNX: out as ONNX and back in, the network computes the same bits.
func TestConvertONNX(t *testing.T) {
	from, dir := infertest.ModelFile(t, nil), t.TempDir()
	mid, back := filepath.Join(dir, "m.onnx"), filepath.Join(dir, "back.rfl")
	infertest.Want(t, cli.OK, "convert", from, "-o", mid, "-q")
	infertest.Want(t, cli.OK, "convert", mid, "-o", back, "-q", "-mean", "0.5,0.5,0.5", "-std", "0.25", "-resize", "36", "-crop", "32")
	if m, err := weights.ReadFile(back); err != nil || m.Name != "m" || !reflect.DeepEqual(m.Preprocess, infertest.Model(t).Preprocess) {
		t.Fatalf("got %+v, %v", m, err)
	}
	in := strings.Repeat("\x00\x00\x80\x3f\x00\x00\x00\xbf\x33\x33\x33\x3f", 1024)
	_, a, _ := infertest.Infer(t, in, "run", "-m", from, "-in", "-", "-out", "-")
	_, b, _ := infertest.Infer(t, in, "run", "-m", back, "-in", "-", "-out", "-")
	if len(a) != 4*len(infertest.Animals) || a != b {
		t.Errorf("got %d and %d bytes, want the same logits", len(a), len(b))
	}
}

func TestConvertNote(t *testing.T) {
	from := infertest.ModelFile(t, func(m *weights.Model) { m.Preprocess = nil })
	to := filepath.Join(t.TempDir(), "x.rfl")
	if _, errs := infertest.Want(t, cli.OK, "convert", from, "-o", to); !strings.Contains(errs, "note: no -mean and -std") {
		t.Errorf("got %q, want a note on the missing mean", errs)
	}
	m, err := weights.ReadFile(to)
	if err != nil || m.Preprocess == nil || m.Preprocess.Crop != [2]int{32, 32} || m.Preprocess.Resize != 0 {
		t.Errorf("got %+v, %v; want the network's size", m.Preprocess, err)
	}
}

func TestConvertHalf(t *testing.T) {
	from := infertest.ModelFile(t, nil)
	to := filepath.Join(t.TempDir(), "half.rfl")
	infertest.Want(t, cli.OK, "convert", from, "-o", to, "-f16", "-q")
	a, _ := os.Stat(from)
	b, _ := os.Stat(to)
	if r := float64(b.Size()) / float64(a.Size()); r > 0.65 {
		t.Errorf("the file shrank to %.2f, want about half", r)
	}
	m, err := weights.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	full := infertest.Model(t)
	halves := 0
	for i := range m.Tensors {
		x := &m.Tensors[i]
		y := full.Tensor(x.Name)
		if x.DType == weights.Float16 {
			halves++
		}
		for k, v := range x.Data {
			// Half a unit in the 11th bit, or of the smallest subnormal.
			if d := math.Abs(float64(v - y.Data[k])); d > math.Max(math.Abs(float64(y.Data[k]))/2048, 1.0/(1<<25)) {
				t.Fatalf("%s[%d]: got %v, want %v rounded", x.Name, k, v, y.Data[k])
			}
		}
	}
	if halves < 10 {
		t.Errorf("got %d tensors in half precision, want the convolutions", halves)
	}
	large := infertest.ModelFile(t, func(m *weights.Model) {
		for i := range m.Tensors {
			if len(m.Tensors[i].Shape) > 1 {
				m.Tensors[i].Data[3] = 1e5
				return
			}
		}
	})
	dir := t.TempDir()
	if _, errs := infertest.Want(t, cli.Model, "convert", large, "-o", filepath.Join(dir, "x.rfl"), "-f16"); !strings.Contains(errs, "100000 at index 3") {
		t.Errorf("got %q, want the value that does not fit", errs)
	}
	if got := infertest.Entries(t, dir); got != "" {
		t.Errorf("left behind %q", got)
	}
}

// TestConvertRefuses: a model that cannot run writes nothing.
func TestConvertRefuses(t *testing.T) {
	dir := infertest.Tree(t, map[string]string{
		"nine.txt": strings.Join(infertest.Animals[:9], "\n"), "gap.txt": "a\n\nb\n", "none.txt": "\n", "old.rfl": "old", "bad.onnx": "hello",
	})
	from := infertest.ModelFile(t, nil)
	unknown := infertest.ModelFile(t, func(m *weights.Model) { m.Graph.Nodes[3].Op = "quux" })
	to := filepath.Join(dir, "old.rfl")
	for name, c := range map[string]struct {
		status int
		args   []string
		says   string
	}{
		"unknown operator": {cli.Model, []string{unknown}, "quux"},
		"labels":           {cli.Model, []string{from, "-labels", filepath.Join(dir, "nine.txt")}, "got 9 labels, want 10"},
		"gap":              {cli.Failed, []string{from, "-labels", filepath.Join(dir, "gap.txt")}, "line 2"},
		"no labels":        {cli.Failed, []string{from, "-labels", filepath.Join(dir, "none.txt")}, "no class names"},
		"no file":          {cli.Model, []string{filepath.Join(dir, "none.onnx")}, "none.onnx"},
		"bad onnx":         {cli.Model, []string{filepath.Join(dir, "bad.onnx")}, "bad.onnx"},
		"no folder":        {cli.Failed, []string{from, "-o", filepath.Join(dir, "no", "x.rfl")}, "no such file"},
	} {
		out, errs := infertest.Want(t, c.status, append([]string{"convert", "-o", to}, c.args...)...)
		if out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.says) {
			t.Errorf("%s: got %q and %q, want one line with %q", name, out, errs, c.says)
		}
	}
	if b, _ := os.ReadFile(to); string(b) != "old" {
		t.Errorf("the old file was touched: %q", b)
	}
	if got := infertest.Entries(t, dir); got != "bad.onnx gap.txt nine.txt none.txt old.rfl" {
		t.Errorf("got files %q", got)
	}
}
