package run_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/internal/npy"
)

// arrayFile writes a .npy file.
func arrayFile(t *testing.T, path string, shape []int, data []float32) {
	t.Helper()
	var b bytes.Buffer
	w, err := npy.NewWriter(&b, shape)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// shapeOf reads a .npy file's shape, and its elements as a raw file has them.
func shapeOf(t *testing.T, path string) ([]int, string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := npy.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	n := 4
	for _, d := range r.Shape() {
		n *= d
	}
	return r.Shape(), string(b[len(b)-n:])
}

// TestArrays: an array in gives what raw floats give, and an array out has the same
// numbers, in the output's shape.
func TestArrays(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), t.TempDir()
	const in, batch = 3 * 32 * 32, 3
	data := make([]float32, batch*in)
	for i := range data {
		data[i] = float32(i%101)/50 - 1
	}
	raw, _ := binary.Append(nil, binary.LittleEndian, data)
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("in.f32"), raw, 0o666); err != nil {
		t.Fatal(err)
	}
	arrayFile(t, path("in.npy"), []int{batch, 3, 32, 32}, data)
	arrayFile(t, path("one.NPY"), []int{3, 32, 32}, data[:in])
	node := infertest.Model(t).Graph.Nodes[0].Name
	run := func(in, out string, args ...string) string {
		t.Helper()
		infertest.Want(t, cli.OK, append([]string{"run", "-m", m, "-in", path(in), "-out", path(out)}, args...)...)
		b, err := os.ReadFile(path(out))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	want := run("in.f32", "want.f32")
	if got := run("in.npy", "out.f32"); got != want {
		t.Error("an array in: got other numbers than from raw floats")
	}
	if got := run("one.NPY", "out.f32"); got != want[:len(want)/batch] {
		t.Error("one sample: got other numbers than from raw floats")
	}
	for _, from := range []string{"in.npy", "in.f32"} { // of raw floats the number is known at the end only
		run(from, "out.npy")
		if shape, got := shapeOf(t, path("out.npy")); got != want || !slices.Equal(shape, []int{batch, len(infertest.Animals)}) {
			t.Errorf("%s: got an array of shape %v with other numbers", from, shape)
		}
	}
	wantMap := run("in.f32", "map.f32", "-output", node)
	run("in.npy", "map.npy", "-output", node)
	if shape, got := shapeOf(t, path("map.npy")); got != wantMap || len(shape) != 4 || shape[0] != batch || len(wantMap) <= len(want) {
		t.Errorf("-output: got an array of shape %v, %d bytes, want the feature map's %d", shape, len(got), len(wantMap))
	}
	// From standard input, and to it, everything is raw.
	code, out, errs := infertest.Infer(t, string(raw), "run", "-m", m, "-in", "-", "-out", "-")
	if code != cli.OK || out != want {
		t.Errorf("got %d, %d bytes, %q", code, len(out), errs)
	}
}

func TestArraysRefused(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), t.TempDir()
	in, out := filepath.Join(dir, "in.npy"), filepath.Join(dir, "out.npy")
	for _, c := range []struct {
		shape []int
		says  string
	}{
		{[]int{3, 32, 31}, "got an array of shape [3 32 31], want [3 32 32], or N of those"},
		{[]int{2, 32, 32, 3}, "got an array of shape [2 32 32 3]"},
		{[]int{0, 3, 32, 32}, "got an array of shape [0 3 32 32]"},
		{[]int{3072}, "got an array of shape [3072]"},
	} {
		n := 1
		for _, d := range c.shape {
			n *= d
		}
		arrayFile(t, in, c.shape, make([]float32, n))
		if _, errs := infertest.Want(t, cli.Failed, "run", "-m", m, "-in", in, "-out", out); !strings.Contains(errs, "in.npy: input: "+c.says) {
			t.Errorf("%v: got %q, want %q", c.shape, errs, c.says)
		}
	}
	b, _ := os.ReadFile(in)
	for says, b := range map[string]string{"not a readable .npy file": "no array", "the file ends": string(b[:len(b)-1])} {
		if err := os.WriteFile(in, []byte(b), 0o666); err != nil {
			t.Fatal(err)
		}
		if says == "the file ends" {
			arrayFile(t, in, []int{1, 3, 32, 32}, make([]float32, 3072))
			if err := os.Truncate(in, 5000); err != nil {
				t.Fatal(err)
			}
		}
		if _, errs := infertest.Want(t, cli.Failed, "run", "-m", m, "-in", in, "-out", out); !strings.Contains(errs, says) {
			t.Errorf("got %q, want %q", errs, says)
		}
	}
	if got := infertest.Entries(t, dir); got != "in.npy" {
		t.Errorf("got files %q, want no output", got)
	}
}
