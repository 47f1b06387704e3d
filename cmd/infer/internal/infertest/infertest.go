// Package infertest is what the tests of infer share: small models, pictures and
// directories, and the command itself.
package infertest

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/command"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// Infer runs the command in this process.
func Infer(t testing.TB, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = command.Run(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// Want runs the command and checks its exit status.
func Want(t testing.TB, status int, args ...string) (stdout, stderr string) {
	t.Helper()
	code, stdout, stderr := Infer(t, "", args...)
	if code != status {
		t.Fatalf("infer %q: got exit status %d, want %d\nstdout: %s\nstderr: %s", args, code, status, stdout, stderr)
	}
	return stdout, stderr
}

// Animals are the labels of the test model.
var Animals = []string{"ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"}

// Model builds a small network with random weights that classifies 32 x 32
// pictures.
func Model(t testing.TB) *weights.Model {
	t.Helper()
	a, err := zoo.ParseArch("shufflenetv2:0.5x@32")
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	m.Name, m.Labels = "animals", Animals
	m.Preprocess = &weights.Preprocess{
		Resize: 36, Crop: [2]int{32, 32}, Filter: "bilinear", Order: "rgb",
		Mean: []float64{0.5, 0.5, 0.5}, Std: []float64{0.25, 0.25, 0.25},
	}
	m.Provenance.Source = "random weights"
	return m
}

// ModelFile writes the test model, after a change, and returns its path.
func ModelFile(t testing.TB, change func(*weights.Model)) string {
	t.Helper()
	m := Model(t)
	if change != nil {
		change(m)
	}
	path := filepath.Join(t.TempDir(), "animals.rfl")
	if err := weights.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

// Drawing is a PNG that differs from seed to seed.
func Drawing(t testing.TB, seed int) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 48, 40))
	for y := range 40 {
		for x := range 48 {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * (5 + seed)), uint8(y * (6 + seed)), uint8(x*y + 40*seed), 255})
		}
	}
	return encode(t, m)
}

// encode makes a PNG of 48 x 40 pixels.
func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 48, 40))
	draw.Draw(m, m.Rect, img, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var colours = map[string]color.Color{"red": color.NRGBA{255, 0, 0, 255}, "black": color.Black, "white": color.White}

// Tree writes files into a new directory; content "png" N becomes drawing N, and "red",
// "black" or "white" a picture of that colour.
func Tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		b := []byte(content)
		if n, ok := strings.CutPrefix(content, "png"); ok {
			b = Drawing(t, int(n[0]-'0'))
		} else if c, ok := colours[content]; ok {
			b = encode(t, image.NewUniform(c))
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Entries lists a folder, to see that nothing was left behind.
func Entries(t testing.TB, dir string) string {
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

// DynamicFile writes a small dynamic network with random weights. Its layers'
// usual permutations are the identities.
func DynamicFile(t *testing.T) string {
	t.Helper()
	a, err := zoo.ParseArch("shufflenetv2:0.5x@32,shuffle=dynamic")
	if err != nil {
		t.Fatal(err)
	}
	m, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Graph.Nodes {
		n := &m.Graph.Nodes[i]
		if n.Op != weights.OpDynamicShuffle {
			continue
		}
		var usual []int
		for range n.Attrs["pairs"][0] {
			for _, f := range n.Attrs["factors"] {
				for k := range f {
					usual = append(usual, k)
				}
			}
		}
		n.Attrs["usual"] = usual
	}
	like := Model(t)
	m.Name, m.Labels, m.Preprocess = "routes", like.Labels, like.Preprocess
	path := filepath.Join(t.TempDir(), "routes.rfl")
	if err := weights.WriteFile(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}
