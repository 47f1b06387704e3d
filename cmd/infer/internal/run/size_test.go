package run_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/infer/internal/infertest"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// -size runs the network on other inputs than it was made for: one that has only 48 x 64
// pixels is a sample then, and a network of 48 x 64 pictures classifies.
func TestSize(t *testing.T) {
	m, dir := infertest.ModelFile(t, nil), t.TempDir()
	src, dst := filepath.Join(dir, "in.f32"), filepath.Join(dir, "out.f32")
	if err := os.WriteFile(src, make([]byte, 2*4*3*48*64), 0o666); err != nil {
		t.Fatal(err)
	}
	infertest.Want(t, cli.OK, "run", "-m", m, "-size", "48x64", "-in", src, "-out", dst)
	if b, err := os.ReadFile(dst); err != nil || len(b) != 2*4*len(infertest.Animals) {
		t.Errorf("got %d bytes, %v, want those of two samples", len(b), err)
	}
	pictures := infertest.Tree(t, map[string]string{"a.png": "png1"})
	if out, _ := infertest.Want(t, cli.OK, "-m", m, "-size", "64", pictures); strings.Count(out, "\n") < 1 {
		t.Errorf("got %q, want classes", out)
	}
	for _, size := range []string{"0", "x", "32x", "-1", "9x99999999"} {
		if _, errs := infertest.Want(t, cli.Usage, "run", "-m", m, "-size", size, "-in", src, "-out", dst); !strings.Contains(errs, "HEIGHTxWIDTH") {
			t.Errorf("-size %s: got %q, want an error that says what it takes", size, errs)
		}
	}
}
