package quantize_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/weights"
)

// cifarFile writes so many records of CIFAR-10.
func cifarFile(t *testing.T, dir, name string, records int) string {
	t.Helper()
	b := make([]byte, records*3073)
	for i := range b {
		if b[i] = byte(i*i*7 + i/3); i%3073 == 0 {
			b[i] = 3
		}
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// From a model and pictures to a smaller model that classifies: pictures in a directory,
// a binary file of CIFAR, the directory of such files.
func TestQuantize(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	pictures := infertest.Tree(t, map[string]string{"a.png": "png1", "b/c.png": "png2", "b/d.png": "png3", "b/e.txt": "text"})
	dir := t.TempDir()
	cifar := filepath.Join(dir, "cifar-10-batches-bin")
	if err := os.Mkdir(cifar, 0o777); err != nil {
		t.Fatal(err)
	}
	one := cifarFile(t, cifar, "data_batch_1.bin", 3)
	cifarFile(t, cifar, "data_batch_2.bin", 2)
	half := filepath.Join(dir, "half.rfl")
	infertest.Want(t, cli.OK, "convert", m, "-f16", "-o", half)
	for name, c := range map[string]struct{ from, note string }{
		"pictures": {pictures, "calibrated on 3 pictures"}, "a file": {one, "calibrated on 3 pictures of CIFAR-10"},
		"a directory": {dir, "calibrated on 4 pictures of CIFAR-10"}, "its own": {cifar, "calibrated on 4 pictures of CIFAR-10"},
	} {
		out := filepath.Join(t.TempDir(), "small.rfl")
		report, errs := infertest.Want(t, cli.OK, "quantize", m, "-calibrate", c.from, "-o", out, "-n", "4")
		for _, want := range []string{"signal dB", "qconv", "top-1 as in float32: ", "first to keep in float32"} {
			if !strings.Contains(report, want) {
				t.Errorf("%s: got the report %q, want it to say %q", name, report, want)
			}
		}
		if !strings.Contains(errs, "bytes\n") {
			t.Errorf("%s: got %q, want the size", name, errs)
		}
		q, err := weights.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(q.Provenance.Notes, c.note) {
			t.Errorf("%s: got notes %q, want %q", name, q.Provenance.Notes, c.note)
		}
		small, _ := os.Stat(out)
		large, _ := os.Stat(half)
		if small.Size()*100 > large.Size()*65 { // a small network, much of it names
			t.Errorf("%s: got %d bytes of the float16 file's %d, want 65 %% or less", name, small.Size(), large.Size())
		}
		infertest.Want(t, cli.OK, "-m", out, filepath.Join(pictures, "a.png"))
		infertest.Want(t, cli.OK, "inspect", out)
	}
}

// The same arguments give the same file; -q prints nothing; -keep keeps.
func TestFlags(t *testing.T) {
	m := infertest.DynamicFile(t)
	pictures := infertest.Tree(t, map[string]string{"a.png": "png1", "b.png": "png2"})
	dir := t.TempDir()
	run := func(name string, more ...string) []byte {
		out := filepath.Join(dir, name)
		args := append([]string{"quantize", m, "-calibrate", pictures, "-o", out, "-q"}, more...)
		if text, errs := infertest.Want(t, cli.OK, args...); text != "" || errs != "" {
			t.Errorf("%q: got %q and %q, want nothing", args, text, errs)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	plain := run("a.rfl")
	if !bytes.Equal(plain, run("b.rfl", "-method", "mse", "-n", "500")) {
		t.Error("the same arguments gave another file")
	}
	if bytes.Equal(plain, run("c.rfl", "-method", "max")) {
		t.Error("-method max gave the same file")
	}
	if half := run("d.rfl", "-half-generators"); len(half) >= len(plain) {
		t.Errorf("-half-generators: got %d bytes, want fewer than %d", len(half), len(plain))
	}
	w, err := weights.ReadFile(m)
	if err != nil {
		t.Fatal(err)
	}
	first := w.Graph.Nodes[0].Name
	kept, err := weights.Read(run("e.rfl", "-keep", first))
	if err != nil {
		t.Fatal(err)
	}
	if n := kept.Graph.Nodes[0]; n.Name != first || n.Op != weights.OpConv {
		t.Errorf("-keep %s: got %+v first", first, n)
	}
}

func TestErrors(t *testing.T) {
	m := infertest.ModelFile(t, nil)
	bare := infertest.ModelFile(t, func(m *weights.Model) { m.Preprocess = nil })
	pictures := infertest.Tree(t, map[string]string{"a.png": "png1", "broken.png": "no picture"})
	empty, out := t.TempDir(), filepath.Join(t.TempDir(), "o.rfl")
	short := cifarFile(t, empty, "data_batch_1.bin", 1)
	if err := os.Truncate(short, 3000); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{cli.Usage, "got 0 models", nil},
		{cli.Usage, "-o: want", []string{m, "-calibrate", pictures}},
		{cli.Usage, "-calibrate: want", []string{m, "-o", out}},
		{cli.Usage, "-n: got 0", []string{m, "-o", out, "-calibrate", pictures, "-n", "0"}},
		{cli.Usage, `-method: got "best"`, []string{m, "-o", out, "-calibrate", pictures, "-method", "best"}},
		{cli.Model, "does not say how a picture becomes its input", []string{bare, "-o", out, "-calibrate", pictures}},
		{cli.Model, `got "nobody", want the name of a node`, []string{m, "-o", out, "-calibrate", filepath.Join(pictures, "a.png"), "-keep", "nobody"}},
		{cli.Failed, "broken.png: ", []string{m, "-o", out, "-calibrate", pictures}},
		{cli.Failed, "want a multiple of 3073", []string{m, "-o", out, "-calibrate", empty}},
		{cli.Failed, "none", []string{m, "-o", out, "-calibrate", filepath.Join(empty, "none")}},
	} {
		text, errs := infertest.Want(t, c.status, append([]string{"quantize"}, c.args...)...)
		if text != "" || !strings.Contains(errs, c.want) {
			t.Errorf("%q: got %q and %q, want it to say %q", c.args, text, errs, c.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%q: a file was written", c.args)
		}
	}
}
