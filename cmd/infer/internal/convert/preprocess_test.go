package convert_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
)

// TestPreprocessFlags: what the flags mean, and what is said where they are doubtful.
func TestPreprocessFlags(t *testing.T) {
	from := infertest.ModelFile(t, func(m *weights.Model) { m.Preprocess = nil })
	of255 := func(v ...float64) []float64 {
		for i := range v {
			v[i] /= 255
		}
		return v
	}
	for _, c := range []struct {
		args      string
		mean, std []float64
		resize    int
		says      []string // notes, each by a part of it
	}{
		{"-mean 0.485,0.456,0.406 -std 0.229,0.224,0.225", []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}, 0, nil},
		{"-mean 0.485,0.456,0.406 -std 0.229,0.224,0.225 -order bgr", []float64{0.406, 0.456, 0.485}, []float64{0.225, 0.224, 0.229}, 0, nil},
		{"-mean 0,0,0 -std 1,1,1", []float64{0, 0, 0}, []float64{1, 1, 1}, 0, nil},
		{"-mean 123.675,116.28,103.53 -std 58.395,57.12,57.375", of255(123.675, 116.28, 103.53), of255(58.395, 57.12, 57.375), 0, []string{
			"-mean 123.675,116.28,103.53 -std 58.395,57.12,57.375: taken for pixels of 0..255 and divided by 255"}},
		{"-mean 123.68,116.779,103.939 -order bgr", of255(103.939, 116.779, 123.68), of255(1, 1, 1), 0, []string{"-std (none): taken for"}},
		{"-mean 127.5,127.5,127.5 -std 1,1,1", of255(127.5, 127.5, 127.5), of255(1, 1, 1), 0, []string{"taken for pixels of 0..255"}},
		{"-std 255,255,255", []float64{0, 0, 0}, []float64{1, 1, 1}, 0, []string{"taken for pixels of 0..255"}},
		{"-mean 0.5 -std 0.25", []float64{0.5, 0.5, 0.5}, []float64{0.25, 0.25, 0.25}, 0, []string{"-mean: one value for all 3 channels", "-std: one value"}},
		{"-mean 127.5 -std 1,1,1", of255(127.5, 127.5, 127.5), of255(1, 1, 1), 0, []string{"taken for pixels of 0..255", "-mean: one value"}},
		{"-mean 0,0,0 -resize 31", []float64{0, 0, 0}, []float64{1, 1, 1}, 31, []string{"-resize 31 is less than the crop of 32 x 32: every picture gets a black border"}},
		{"-mean 0,0,0 -resize 32", []float64{0, 0, 0}, []float64{1, 1, 1}, 32, nil},
		{"", []float64{0, 0, 0}, []float64{1, 1, 1}, 0, []string{"no -mean and -std"}},
	} {
		to := filepath.Join(t.TempDir(), "x.rfl")
		args := append([]string{"convert", from, "-o", to}, strings.Fields(c.args)...)
		_, errs := infertest.Want(t, cli.OK, args...)
		m, err := weights.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		p := m.Preprocess
		if !reflect.DeepEqual(p.Mean, c.mean) || !reflect.DeepEqual(p.Std, c.std) || p.Resize != c.resize {
			t.Errorf("%q: got mean %v, std %v, resize %d; want %v, %v, %d", c.args, p.Mean, p.Std, p.Resize, c.mean, c.std, c.resize)
		}
		if n := strings.Count(errs, "note: "); n != len(c.says) {
			t.Errorf("%q: got %d notes, want %d:\n%s", c.args, n, len(c.says), errs)
		}
		for _, s := range c.says {
			if !strings.Contains(errs, s) {
				t.Errorf("%q: got %q, want %q", c.args, errs, s)
			}
		}
		// Converting again, without a word, changes nothing; turning the channels around
		// keeps each mean with its colour.
		again := filepath.Join(t.TempDir(), "x.rfl")
		infertest.Want(t, cli.OK, "convert", to, "-o", again, "-q")
		a, _ := os.ReadFile(to)
		b, _ := os.ReadFile(again)
		if string(a) != string(b) {
			t.Errorf("%q: converting again changed the file", c.args)
		}
		other := map[string]string{"rgb": "bgr", "bgr": "rgb"}[p.Order]
		infertest.Want(t, cli.OK, "convert", to, "-o", again, "-q", "-order", other)
		m, err = weights.ReadFile(again)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			if q := m.Preprocess; q.Mean[i] != p.Mean[2-i] || q.Std[i] != p.Std[2-i] {
				t.Fatalf("%q, then -order %s: got mean %v, std %v", c.args, other, q.Mean, q.Std)
			}
		}
	}
	for _, args := range []string{"-mean 123.675,0.5,0.4", "-mean 0.485,0.456,0.406 -std 58.395,57.12,57.375", "-mean 120 -std 0.229"} {
		to := filepath.Join(t.TempDir(), "x.rfl")
		_, errs := infertest.Want(t, cli.Usage, append([]string{"convert", from, "-o", to}, strings.Fields(args)...)...)
		if !strings.Contains(errs, "got a value above 1 and one between 0 and 1") {
			t.Errorf("%q: got %q, want an error about the units", args, errs)
		}
	}
}

// TestFilterAndLetterbox: how the picture is scaled can be said, and said anew.
func TestFilterAndLetterbox(t *testing.T) {
	from, to := infertest.ModelFile(t, nil), filepath.Join(t.TempDir(), "x.rfl")
	for _, c := range []struct {
		args      string
		letterbox []int
		resize    int
		filter    string
		inspect   string
	}{
		{"-filter bicubic", nil, 36, "bicubic", "shorter side to 36 (bicubic)"},
		{"-letterbox 114", []int{114, 114, 114}, 0, "bilinear", "resize to fit in whole, margins [114 114 114] (bilinear)"},
		{"-letterbox 1,2,3 -order bgr", []int{3, 2, 1}, 0, "bilinear", "margins [3 2 1]"},
		{"-letterbox 0 -resize 0 -filter bicubic", []int{0, 0, 0}, 0, "bicubic", "margins [0 0 0] (bicubic)"},
	} {
		infertest.Want(t, cli.OK, append([]string{"convert", from, "-q", "-o", to}, strings.Fields(c.args)...)...)
		m, err := weights.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		if p := m.Preprocess; !reflect.DeepEqual(p.Letterbox, c.letterbox) || p.Resize != c.resize || p.Filter != c.filter {
			t.Errorf("%q: got %+v", c.args, p)
		}
		if text, _ := infertest.Want(t, cli.OK, "inspect", to); !strings.Contains(text, c.inspect) {
			t.Errorf("%q: no %q in\n%s", c.args, c.inspect, text)
		}
		infertest.Want(t, cli.OK, "convert", to, "-q", "-o", to, "-resize", "40")
		if m, err = weights.ReadFile(to); err != nil || m.Preprocess.Letterbox != nil || m.Preprocess.Resize != 40 {
			t.Errorf("%q, then -resize 40: got %+v, %v", c.args, m.Preprocess, err)
		}
	}
	for args, says := range map[string]string{
		"-filter nearest": "nearest", "-letterbox 1,2": "-letterbox: got 2 values, want 3", "-letterbox 256": "-letterbox: got 256",
		"-letterbox 0.5": "-letterbox: got 0.5", "-letterbox 0 -resize 40": "-letterbox and -resize 40", "-letterbox x": "want numbers",
	} {
		_, errs := infertest.Want(t, cli.Usage, append([]string{"convert", from, "-o", to}, strings.Fields(args)...)...)
		if !strings.Contains(errs, says) {
			t.Errorf("%q: got %q, want %q", args, errs, says)
		}
	}
}

// TestOrderBGR: the network sees blue first, each channel with its own colour's mean.
func TestOrderBGR(t *testing.T) {
	model := &weights.Model{ // the means of the channels
		Graph: weights.Graph{
			Inputs: []weights.Value{{Name: "x", Shape: []int{3, 8, 8}}},
			Nodes: []weights.Node{
				{Name: "gap", Op: weights.OpGlobalAvgPool, Inputs: []string{"x"}, Outputs: []string{"g"}},
				{Name: "flat", Op: weights.OpFlatten, Inputs: []string{"g"}, Outputs: []string{"y"}},
			},
			Outputs: []string{"y"},
		},
	}
	dir := infertest.Tree(t, map[string]string{"red.png": "red"})
	from, to := filepath.Join(dir, "m.rfl"), filepath.Join(dir, "bgr.rfl")
	if err := weights.WriteFile(from, model); err != nil {
		t.Fatal(err)
	}
	infertest.Want(t, cli.OK, "convert", from, "-o", to, "-order", "bgr", "-mean", "0.9,0.5,0.1", "-std", "0.1,0.1,0.1")
	out, _ := infertest.Want(t, cli.OK, "-m", to, "-logits", "-k", "3", filepath.Join(dir, "red.png"))
	if want := "     1.0000  class 2\n    -1.0000  class 0\n    -5.0000  class 1\n"; !strings.HasSuffix(out, want) {
		t.Errorf("got %q, want %q", out, want)
	}
	if text, _ := infertest.Want(t, cli.OK, "inspect", to); !strings.Contains(text, "mean [0.1 0.5 0.9], std [0.1 0.1 0.1] (blue, green, red)") {
		t.Errorf("got\n%s\nwant the order of the means in it", text)
	}
}
