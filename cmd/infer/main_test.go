package main

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// infer runs the command in this process.
func infer(t testing.TB, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// want runs the command and checks its exit status.
func want(t testing.TB, status int, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := infer(t, "", args...)
	if code != status {
		t.Fatalf("infer %q: got exit status %d, want %d\nstdout: %s\nstderr: %s", args, code, status, stdout, stderr)
	}
	return stdout, stderr
}

// animals are the labels of the test model.
var animals = []string{"ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"}

// testModel builds a small network with random weights that classifies 32 x 32
// pictures.
func testModel(t testing.TB) *weights.Model {
	t.Helper()
	a, err := zoo.ParseArch("shufflenetv2:0.5x@32")
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	m.Name, m.Labels = "animals", animals
	m.Preprocess = &weights.Preprocess{
		Resize: 36, Crop: [2]int{32, 32}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.5, 0.5, 0.5}, Std: []float64{0.25, 0.25, 0.25},
	}
	m.Provenance.Source = "random weights"
	return m
}

// modelFile writes the test model, after a change, and returns its path.
func modelFile(t testing.TB, change func(*weights.Model)) string {
	t.Helper()
	m := testModel(t)
	if change != nil {
		change(m)
	}
	path := filepath.Join(t.TempDir(), "animals.rfl")
	if err := weights.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// drawing is a PNG that differs from seed to seed.
func drawing(t testing.TB, seed int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 48, 40))
	for y := range 40 {
		for x := range 48 {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * (5 + seed)), uint8(y * (6 + seed)), uint8(x*y + 40*seed), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tree writes files into a new folder; content "png" N becomes drawing N.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		b := []byte(content)
		if n, ok := strings.CutPrefix(content, "png"); ok {
			b = drawing(t, int(n[0]-'0'))
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// entries lists a folder, to see that nothing was left behind.
func entries(t testing.TB, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}
